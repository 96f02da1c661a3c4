import { Button, Group, Stack, Text } from '@mantine/core';
import { IconBolt, IconDownload, IconPencil, IconSparkles } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { JsonView } from '../../../../ui/json-view.js';
import { ProblemAlert } from '../../../../ui/problem-alert.js';
import { When } from '../../../../ui/when.js';
import type { WalkProps } from '../operation-stage.js';
import { StageButtons } from '../stage-buttons.js';
import { sampleSourceWords } from '../stage-words.js';
import { useStep } from '../step-context.js';
import { CaptureSample } from './capture-sample.js';
import { ManualSample } from './manual-sample.js';
import { RunForSample } from './run-for-sample.js';
import { useDeleteSample, useTakeSample } from './use-take-sample.js';

type Way = 'manual' | 'capture' | 'run';

/** What the step puts out, for example: later steps are mapped from it. */
export function SampleStage({ onDone, onBack }: WalkProps): ReactNode {
  const { step, isTrigger, component, operation, sample } = useStep();
  const [way, setWay] = useState<Way>();
  const [replaces, setReplaces] = useState(false);
  const taking = useTakeSample(step.id);
  const deleting = useDeleteSample(step.id);
  if (!operation) return null;
  const end = (): void => {
    setWay(undefined);
    setReplaces(false);
  };
  const take = (mode: 'generate' | 'retrieve'): void =>
    taking.mutate(mode === 'generate' ? { mode } : { mode, run: false }, { onSuccess: end });

  if (way === 'manual') return <ManualSample present={sample?.output} onDone={end} onCancel={end} />;
  if (way === 'capture') return <CaptureSample onDone={end} />;
  if (way === 'run') return <RunForSample onDone={end} onCancel={end} />;

  if (sample && !replaces) {
    return (
      <Stack gap="sm" data-pointer="/sample">
        <Text size="sm" c="dimmed">
          {sampleSourceWords(sample.source)} <When time={sample.updatedAt} />
        </Text>
        <JsonView key={sample.updatedAt} value={sample.output} label="Sample" maxHeight={320} />
        <ProblemAlert error={deleting.error} />
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => setReplaces(true)}>
            Replace
          </Button>
          <Button size="xs" variant="default" loading={deleting.isPending} onClick={() => deleting.mutate()}>
            Delete
          </Button>
        </Group>
        <StageButtons onContinue={onDone} onBack={onBack} />
      </Stack>
    );
  }
  const runs = operation.kind === 'action' && !operation.retrievesSample && operation.waits !== true;
  return (
    <Stack gap="sm" data-pointer="/sample">
      <Text size="sm" c="dimmed">
        {isTrigger
          ? 'An example of the data that comes in. With it you can map its fields in the steps that follow.'
          : `An example of what “${operation.title}” gives back. Steps that follow can be mapped from it.`}
      </Text>
      {operation.triggerType === 'webhook' && isTrigger && (
        <Way
          icon={<IconBolt size={16} />}
          onClick={() => setWay('capture')}
          help="The next request to the webhook becomes the sample"
        >
          Send sample request
        </Way>
      )}
      {(operation.retrievesSample || runs) && (
        <Way
          icon={<IconDownload size={16} />}
          loading={taking.isPending && taking.variables?.mode === 'retrieve'}
          onClick={() => (runs ? setWay('run') : take('retrieve'))}
          help={
            runs
              ? 'Runs the action for real, after you confirm'
              : `Asks ${component?.title ?? 'the system'} for one; nothing is changed there`
          }
        >
          Retrieve sample
        </Way>
      )}
      <Way
        icon={<IconPencil size={16} />}
        onClick={() => setWay('manual')}
        help="As JSON, as XML or as a list of properties"
      >
        Add sample manually
      </Way>
      <Way
        icon={<IconSparkles size={16} />}
        loading={taking.isPending && taking.variables?.mode === 'generate'}
        onClick={() => take('generate')}
        help="From what the component says of its data"
      >
        Generate sample
      </Way>
      <ProblemAlert error={taking.error} />
      <Group gap="sm" mt="xs">
        <Button variant="subtle" onClick={sample ? () => setReplaces(false) : onDone}>
          {sample ? 'Keep the sample' : 'Skip sample'}
        </Button>
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      </Group>
    </Stack>
  );
}

interface WayProps {
  icon: ReactNode;
  help: string;
  onClick: () => void;
  loading?: boolean;
  children: string;
}

function Way({ icon, help, onClick, loading = false, children }: WayProps): ReactNode {
  return (
    <div>
      <Button variant="default" fullWidth justify="flex-start" leftSection={icon} loading={loading} onClick={onClick}>
        {children}
      </Button>
      <Text size="xs" c="dimmed" mt={2} ms={4}>
        {help}
      </Text>
    </div>
  );
}
