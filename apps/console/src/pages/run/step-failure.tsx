import { Alert, Code, Group, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Run, StepRun } from '../../api/schema.generated.js';
import { Payload } from './payload.js';
import { remedyOf } from './error-remedy.js';
import { elidedPart } from './use-payload.js';
import classes from './run.module.css';

/** Why a step failed, in words, and what helps. */
export function StepFailure({ run, step }: { run: Run; step: StepRun }): ReactNode {
  const { error } = step;
  if (!error) return null;
  const hasDetail = error.detail !== null || elidedPart(step, 'error') !== undefined;
  return (
    <Alert
      color="red"
      mb="md"
      className={classes['failure'] ?? ''}
      icon={<IconAlertCircle aria-hidden="true" />}
      title="Why it failed"
    >
      <Text size="sm" className={classes['text'] ?? ''}>
        {error.message}
      </Text>
      <Group gap={6} mt={4}>
        <Text size="xs" c="dimmed">
          Code
        </Text>
        <Code>{error.code}</Code>
      </Group>
      <Text size="sm" mt="sm" fw={600}>
        How to mend it
      </Text>
      <Text size="sm">{remedyOf(error.code)}</Text>
      {hasDetail && (
        <details className={classes['detail']}>
          <summary>Detail</summary>
          <Payload run={run} step={step} part="error" label={`Detail of the error of ${step.stepId}`} />
        </details>
      )}
    </Alert>
  );
}
