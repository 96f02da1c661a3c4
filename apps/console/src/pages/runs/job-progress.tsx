import { Anchor, Button, CloseButton, Group, List, Paper, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'react-router';
import { keys } from '../../api/keys.js';
import type { BulkJob } from '../../api/schema.generated.js';
import { notifyProblem } from '../../ui/notify-problem.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { actWords, countWords } from './act-words.js';
import { isOver, useCancelJob, useJob } from './use-bulk-job.js';

/** How far a job has come that acts on many runs, and what it could not do. */
export function JobProgress({ jobId, onClose }: { jobId: string; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const { data: job, error } = useJob(jobId);
  const cancel = useCancelJob(jobId);
  const over = job !== undefined && isOver(job);
  useEffect(() => {
    if (!over) return;
    for (const subject of [keys.runs, keys.incidents]) void client.invalidateQueries({ queryKey: [subject] });
  }, [over, client]);
  if (!job) return error ? <ProblemAlert error={error} /> : null;
  const acted = job.done + job.failed;
  const percent = job.total === null ? 0 : job.total === 0 ? 100 : Math.min(100, (acted / job.total) * 100);
  return (
    <Paper component="section" withBorder p="sm" radius="md" mb="md" aria-label="Progress of the job">
      <Group justify="space-between" wrap="nowrap" mb={6}>
        <Text size="sm" fw={600} aria-live="polite">
          {jobWords(job)}
        </Text>
        {over ? (
          <CloseButton aria-label="Hide the progress" onClick={onClose} />
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(undefined, { onError: notifyProblem })}
          >
            Stop the job
          </Button>
        )}
      </Group>
      <Progress
        value={over && job.status === 'done' ? 100 : percent}
        {...(job.failed > 0 && { color: 'orange' })}
        animated={!over}
        aria-label={`${Math.round(percent)} % done`}
      />
      {job.stopped && (
        <Text size="sm" c="var(--mantine-color-error)" mt="xs">
          {job.stopped.message}
        </Text>
      )}
      {job.failures.length > 0 && <Failures job={job} />}
    </Paper>
  );
}

function Failures({ job }: { job: BulkJob }): ReactNode {
  return (
    <Stack gap={4} mt="sm">
      <Text size="xs" c="dimmed">
        Not {actWords[job.action].done}
        {job.failed > job.failures.length ? `, the first ${job.failures.length}` : ''}:
      </Text>
      <List size="xs" mah={140} style={{ overflow: 'auto' }}>
        {job.failures.map(({ runId, message }) => (
          <List.Item key={runId}>
            <Anchor component={Link} to={`/runs/${runId}`} inherit>
              …{runId.slice(-8)}
            </Anchor>
            : {message}
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}

function jobWords({ action, status, total, done, failed }: BulkJob): string {
  const { doing, done: past } = actWords[action];
  const refused = failed > 0 ? `, ${failed.toLocaleString('en')} could not be` : '';
  if (status === 'cancelled') return `Stopped: ${countWords(done)} ${past}${refused}`;
  if (status === 'done') return `${countWords(done)} ${past}${refused}`;
  if (status === 'queued') return `${doing} begins when the jobs before it are done`;
  if (total === null) return `${doing}: the runs are being counted`;
  return `${doing}: ${done.toLocaleString('en')} of ${countWords(total)}${refused}`;
}
