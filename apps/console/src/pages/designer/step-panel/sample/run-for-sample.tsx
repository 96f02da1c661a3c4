import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { ProblemAlert } from '../../../../ui/problem-alert.js';
import { useStep } from '../step-context.js';
import { useTakeSample } from './use-take-sample.js';

/** Asks before an action is run for real to get a sample of it. */
export function RunForSample({ onDone, onCancel }: { onDone: () => void; onCancel: () => void }): ReactNode {
  const { step, component, operation } = useStep();
  const [understood, setUnderstood] = useState(false);
  const taking = useTakeSample(step.id);
  return (
    <Stack gap="sm">
      <Alert
        color="yellow"
        icon={<IconAlertTriangle aria-hidden="true" />}
        title={`“${operation?.title}” is run for real`}
      >
        <Text size="sm">
          It gives a sample only by being run, with the samples of the steps before: whatever it creates, sends or
          changes in {component?.title} is really created, sent or changed, once.
        </Text>
      </Alert>
      <Checkbox
        label="Yes, run it now"
        checked={understood}
        onChange={(event) => setUnderstood(event.currentTarget.checked)}
      />
      <ProblemAlert error={taking.error} />
      <Group gap="sm">
        <Button
          disabled={!understood}
          loading={taking.isPending}
          onClick={() => taking.mutate({ mode: 'retrieve', run: true }, { onSuccess: onDone })}
        >
          Run it and take the sample
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}
