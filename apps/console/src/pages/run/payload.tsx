import { Button, Group, Paper, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Run, StepRun } from '../../api/schema.generated.js';
import { JsonView } from '../../ui/json-view.js';
import { LoadingRows } from '../../ui/loading.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { elidedPart, usePayload } from './use-payload.js';

export interface PayloadProps {
  run: Run;
  step: StepRun;
  part: 'input' | 'output' | 'error';
  label: string;
}

/** An input, output or detail as JSON. What is large is loaded only when it is asked for. */
export function Payload({ run, step, part, label }: PayloadProps): ReactNode {
  const left = elidedPart(step, part);
  const [wanted, setWanted] = useState(false);
  const whole = usePayload({ run, step, part }, left !== undefined && wanted);
  if (left === undefined) return <JsonView value={part === 'error' ? step.error?.detail : step[part]} label={label} />;
  if (whole.data !== undefined) return <JsonView key="whole" value={whole.data} label={label} openDepth={1} />;
  if (whole.isError) return <ProblemAlert error={whole.error} onRetry={() => whole.refetch()} />;
  if (whole.isFetching) return <LoadingRows count={3} label={`Loading: ${label}`} />;
  return (
    <Paper withBorder p="sm" radius="sm">
      <Group justify="space-between">
        <Text size="sm">
          {label} is large: at least {bytesWords(left.sizeBytes)}.
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => setWanted(true)}>
            Show it
          </Button>
          <Button size="xs" variant="subtle" component="a" href={left.url} target="_blank" rel="noreferrer">
            Open by itself
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}

function bytesWords(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  if (bytes < 1_024 * 1_024) return `${Math.round(bytes / 1_024)} KiB`;
  return `${(bytes / 1_024 / 1_024).toFixed(1)} MiB`;
}
