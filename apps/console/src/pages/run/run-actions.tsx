import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconBan, IconCheck, IconRefresh, IconRotate2 } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Run, StepRun, VersionChoice } from '../../api/schema.generated.js';
import { CopyButton } from '../../ui/copy-button.js';
import { jsonText } from '../../ui/json-rows.js';
import { ActDialog } from '../runs/act-dialog.js';
import { countWords, statusesOfAct, type RunAction } from '../runs/act-words.js';
import { useFlow } from '../shared/use-flow.js';
import { versionsOf } from './run-definition.js';
import { runKey } from './use-run.js';

interface Ordered {
  action: RunAction;
  version: VersionChoice | undefined;
  fromStep?: Pick<StepRun, 'stepId' | 'path'> | undefined;
}

/** Does something with one run; what it leads to is said in a notification. */
function useAct(run: Run) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const params = { path: { runId: run.id } };
  return useMutation({
    mutationFn: async ({ action, version = 'same', fromStep }: Ordered): Promise<void> => {
      if (action === 'cancel') {
        await unwrap(api.POST('/v1/runs/{runId}/cancel', { params }));
        notifications.show({ message: 'The run is cancelled' });
      } else if (action === 'replay') {
        const { runId } = await unwrap(api.POST('/v1/runs/{runId}/replay', { params, body: { version } }));
        notifications.show({
          message: 'The request runs once more',
          autoClose: 10_000,
          onClick: () => void navigate(`/runs/${runId}`),
          icon: <IconCheck size={16} aria-hidden="true" />,
        });
        await whenThere(runId);
        await navigate(`/runs/${runId}`);
      } else {
        const from = fromStep && { fromStep: fromStep.stepId, ...(fromStep.path !== '' && { path: fromStep.path }) };
        const body = { version, ...from };
        const { stepsRetried } = await unwrap(api.POST('/v1/runs/{runId}/retry', { params, body }));
        notifications.show({ message: `${countWords(stepsRetried, 'step')} tried again` });
      }
    },
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: runKey(run.id) });
      await client.invalidateQueries({ queryKey: [keys.runs] });
    },
  });
}

/** A replay appears a moment after it was accepted. Gives up after some seconds: its page says then that it may still come. */
async function whenThere(runId: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { response } = await api.GET('/v1/requests/{requestId}', { params: { path: { requestId: runId } } });
    if (response.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Who has mended the flow and published it retries on that version; the one that failed would fail once more. */
function useSuggestion(run: Run): VersionChoice | undefined {
  const flow = useFlow(run.flowId, { enabled: run.status === 'failed' });
  return (flow.data?.publishedVersion ?? 0) > (versionsOf(run)[0] ?? Infinity) ? 'current' : undefined;
}

/** What can be done with a run, as far as its status allows it. */
export function RunActions({ run }: { run: Run }): ReactNode {
  const [asked, setAsked] = useState<RunAction>();
  const act = useAct(run);
  const suggestion = useSuggestion(run);
  const offers = (action: RunAction): boolean => statusesOfAct[action].includes(run.status);
  const close = (): void => {
    setAsked(undefined);
    act.reset();
  };
  return (
    <>
      {offers('retry') && (
        <Button size="xs" leftSection={<IconRefresh size={16} aria-hidden="true" />} onClick={() => setAsked('retry')}>
          Retry
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRotate2 size={16} aria-hidden="true" />}
        onClick={() => setAsked('replay')}
      >
        Replay
      </Button>
      {offers('cancel') && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconBan size={16} aria-hidden="true" />}
          onClick={() => setAsked('cancel')}
        >
          Cancel
        </Button>
      )}
      <CopyButton value={() => jsonText(run)} label="Copy the run as JSON">
        Copy as JSON
      </CopyButton>
      {asked !== undefined && (
        <ActDialog
          action={asked}
          target="this run"
          suggests={asked === 'retry' ? suggestion : undefined}
          isPending={act.isPending}
          error={act.error}
          onClose={close}
          onConfirm={(version) => act.mutate({ action: asked, version }, { onSuccess: close })}
        />
      )}
    </>
  );
}

/** Tries one failed step again, at one path. */
export function RetryStep({ run, step }: { run: Run; step: StepRun }): ReactNode {
  const [asked, setAsked] = useState(false);
  const act = useAct(run);
  const suggestion = useSuggestion(run);
  if (run.status !== 'failed' || step.status !== 'failed') return null;
  const close = (): void => {
    setAsked(false);
    act.reset();
  };
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden="true" />}
        onClick={() => setAsked(true)}
      >
        Retry from this step
      </Button>
      {asked && (
        <ActDialog
          action="retry"
          target={`from ${step.stepId}`}
          suggests={suggestion}
          isPending={act.isPending}
          error={act.error}
          onClose={close}
          onConfirm={(version) => act.mutate({ action: 'retry', version, fromStep: step }, { onSuccess: close })}
        >
          <Text size="sm">Other steps that failed stay as they are.</Text>
        </ActDialog>
      )}
    </>
  );
}
