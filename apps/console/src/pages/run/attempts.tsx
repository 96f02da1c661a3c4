import { Code, Stack, Text, Timeline } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Run, StepRun } from '../../api/schema.generated.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { durationWords, wholeTime } from '../../ui/time-words.js';
import { When } from '../../ui/when.js';
import classes from './run.module.css';
import { elidedPart, usePayload } from './use-payload.js';

type Failed = StepRun['attemptErrors'][number];

/** Each attempt of a step run with its times, and why it failed. */
export function Attempts({ run, step }: { run: Run; step: StepRun }): ReactNode {
  const left = elidedPart(step, 'attemptErrors');
  const whole = usePayload({ run, step, part: 'attemptErrors' }, left !== undefined);
  const failed = (whole.data as Failed[] | undefined) ?? step.attemptErrors;
  const last = failed.at(-1);
  const hasPresent = step.attempts > failed.length || last === undefined;
  return (
    <Stack gap="md">
      {whole.isError && <ProblemAlert error={whole.error} onRetry={() => whole.refetch()} />}
      <Timeline bulletSize={14} lineWidth={2} active={failed.length + 1}>
        {failed.map((attempt) => (
          <Timeline.Item key={attempt.attempt} title={<Title number={attempt.attempt} status="failed" />}>
            <Times from={attempt.startedAt} to={attempt.finishedAt} />
            <Reason error={attempt.error} />
          </Timeline.Item>
        ))}
        {hasPresent && step.status !== 'waiting' && (
          <Timeline.Item title={<Title number={step.attempts} status={step.status} />}>
            <Times from={last?.finishedAt ?? step.startedAt} to={step.finishedAt} isBound={last !== undefined} />
            {step.error !== null && <Reason error={step.error} />}
          </Timeline.Item>
        )}
        {step.nextAttemptAt !== null && (
          <Timeline.Item title={`Attempt ${step.attempts + 1}`}>
            <Text size="sm" c="dimmed">
              begins <When time={step.nextAttemptAt} />
            </Text>
          </Timeline.Item>
        )}
      </Timeline>
    </Stack>
  );
}

function Title({ number, status }: { number: number; status: string }): ReactNode {
  return (
    <>
      Attempt {number} <StatusBadge status={status} />
    </>
  );
}

/** Of the last attempt it is known only that it began after the one before had ended. */
function Times({ from, to, isBound = false }: { from: string; to: string | null; isBound?: boolean }): ReactNode {
  const took = to === null ? undefined : Math.max(0, Date.parse(to) - Date.parse(from));
  return (
    <Text size="xs" c="dimmed">
      {isBound ? (to === null ? 'under way' : `ended ${wholeTime(new Date(to))}`) : wholeTime(new Date(from))}
      {!isBound && took !== undefined && `, took ${durationWords(took)}`}
    </Text>
  );
}

function Reason({ error }: { error: Failed['error'] }): ReactNode {
  return (
    <Text size="sm" mt={4} className={classes['text'] ?? ''}>
      <Code>{error.code}</Code> {error.message}
    </Text>
  );
}
