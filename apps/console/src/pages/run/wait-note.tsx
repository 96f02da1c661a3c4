import { Alert, Code, Group, Text } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import type { Run, StepRun } from '../../api/schema.generated.js';
import { CopyButton } from '../../ui/copy-button.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { wholeTime } from '../../ui/time-words.js';
import { When } from '../../ui/when.js';
import classes from './run.module.css';

/** What a step waits for, and until when. */
export function WaitNote({ run, step }: { run: Run; step: StepRun }): ReactNode {
  const until = step.waitsUntil !== null && (
    <>
      {' '}
      until {wholeTime(new Date(step.waitsUntil))} (<When time={step.waitsUntil} />)
    </>
  );
  if (step.waitingFor === 'resume') {
    return (
      <Alert color="yellow" mb="md" icon={<IconClock aria-hidden="true" />} title="Waits for a call of its resume URL">
        <Text size="sm">It waits{until}. Whoever calls this URL resumes the step: hand it on like a password.</Text>
        <ResumeUrl run={run} step={step} />
      </Alert>
    );
  }
  if (step.waitingFor === 'collect') {
    return (
      <Alert color="yellow" mb="md" icon={<IconClock aria-hidden="true" />} title="Collects">
        It waits for others that its item goes on with{until}.
      </Alert>
    );
  }
  if (step.nextAttemptAt === null) return null;
  return (
    <Alert color="yellow" mb="md" icon={<IconClock aria-hidden="true" />} title="Waits for its next attempt">
      The last attempt failed; the next one begins <When time={step.nextAttemptAt} />, at{' '}
      {wholeTime(new Date(step.nextAttemptAt))}. The tab “Attempts” says why.
    </Alert>
  );
}

function ResumeUrl({ run, step }: { run: Run; step: StepRun }): ReactNode {
  const { stepId, path } = step;
  const { data, error } = useQuery({
    queryKey: ['resume-url', run.id, stepId, path, step.waitsUntil],
    queryFn: ({ signal }) => {
      const params = { path: { runId: run.id, stepId }, query: path === '' ? {} : { path } };
      return unwrap(api.GET('/v1/runs/{runId}/steps/{stepId}/resume-url', { params, signal }));
    },
  });
  if (error) return <ProblemAlert error={error} />;
  return (
    data && (
      <Group gap={4} mt="xs" wrap="nowrap" align="flex-start">
        <Code className={classes['text'] ?? ''}>{data.url}</Code>
        <CopyButton value={data.url} label="Copy the resume URL" />
      </Group>
    )
  );
}
