import { Anchor, Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconActivity, IconRefresh } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useFlowNames } from '../../api/flow-names.js';
import { When } from '../../ui/when.js';
import { remedyOf } from '../run/error-remedy.js';
import { ActDialog } from '../runs/act-dialog.js';
import { countWords } from '../runs/act-words.js';
import { runsPath } from '../runs/run-filter.js';
import { useStartJob } from '../runs/use-bulk-job.js';
import type { IncidentGroup } from './group-incidents.js';
import classes from './incidents.module.css';

/** The rest is counted. */
const shownFlows = 5;

export interface IncidentCardProps {
  incident: IncidentGroup;
  /** A job has begun that retries it; the card goes when nothing of it is left. */
  onJob: (jobId: string) => void;
}

/** One kind of failure: how often, since when, in which flows, what helps, and all of it retried with one click. */
export function IncidentCard({ incident, onJob }: IncidentCardProps): ReactNode {
  const { nameOf } = useFlowNames(incident.flows.map(({ flowId }) => flowId));
  const [asked, setAsked] = useState(false);
  const start = useStartJob();
  const { fingerprint, stepId, code, message, count, flows } = incident;
  const [first] = flows;
  const close = (): void => {
    setAsked(false);
    start.reset();
  };
  const times = count === 1 ? 'once' : `${count.toLocaleString('en')} times`;
  const only = flows.length === 1 && first ? { flowId: first.flowId } : {};
  return (
    <Paper withBorder p="md" radius="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={6} className={classes['what'] ?? ''}>
          <Title order={2} size="h5" className={classes['message'] ?? ''}>
            {message}
          </Title>
          <Group gap="xs">
            <Code>{code}</Code>
            <Text size="sm" c="dimmed">
              {times} ·{' '}
              {count > 1 && (
                <>
                  first <When time={incident.firstSeenAt} /> · last{' '}
                </>
              )}
              <When time={incident.lastSeenAt} />
            </Text>
          </Group>
          <Text size="sm">
            {stepId} of{' '}
            {flows.slice(0, shownFlows).map(({ flowId, count: inFlow }, index) => (
              <span key={flowId}>
                {index > 0 && ', '}
                <Anchor component={Link} to={`/flows/${flowId}`} inherit underline="always">
                  <bdi>{nameOf(flowId)}</bdi>
                </Anchor>
                {flows.length > 1 && ` (${inFlow.toLocaleString('en')})`}
              </span>
            ))}
            {flows.length > shownFlows && ` and ${countWords(flows.length - shownFlows, 'more flow')}`}
          </Text>
          <Text size="sm" c="dimmed">
            {remedyOf(code)}{' '}
            <Anchor component={Link} to={`/runs/${incident.lastRunId}`} inherit underline="always">
              See the last one
            </Anchor>
          </Text>
        </Stack>
        <Group gap="xs">
          <Button size="xs" leftSection={<IconRefresh size={16} aria-hidden="true" />} onClick={() => setAsked(true)}>
            Retry all
          </Button>
          <Button
            size="xs"
            variant="default"
            component={Link}
            to={runsPath({ ...only, statuses: ['failed'], stepId, errorCode: code })}
            leftSection={<IconActivity size={16} aria-hidden="true" />}
          >
            Show runs
          </Button>
        </Group>
      </Group>
      {asked && (
        <ActDialog
          action="retry"
          target={count === 1 ? 'the failed run' : 'all runs that failed so'}
          isPending={start.isPending}
          error={start.error}
          onClose={close}
          onConfirm={(version) => {
            void startAll(flows, async (flowId) => {
              const filter = { flowId, fingerprint };
              const job = await start.mutateAsync({ action: 'retry', filter, ...(version && { version }) });
              onJob(job.id);
            }).then((done) => done && close());
          }}
        />
      )}
    </Paper>
  );
}

/** A job is of one flow. Resolves false when one could not begin; the dialog says why. */
async function startAll(
  flows: readonly { flowId: string }[],
  begin: (flowId: string) => Promise<void>,
): Promise<boolean> {
  try {
    for (const { flowId } of flows) await begin(flowId);
    return true;
  } catch {
    return false;
  }
}
