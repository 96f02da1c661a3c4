import { Anchor, Group, Paper, Text } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { FlowSchedule } from '../../../api/schema.generated.js';
import { When } from '../../../ui/when.js';
import { useDraft } from '../draft/use-draft.js';
import { scheduleWords } from '../step-panel/schedule-words.js';

/** A poll that finds nothing is told by no live update. */
const lookEveryMs = 5_000;

/** When a flow with a polling trigger looks for something new, and what came of the last time. */
export function ScheduleStrip(): ReactNode {
  const { flow } = useDraft();
  const isPolled = flow.publishedVersion !== null && flow.webhookUrl === null;
  const { data } = useQuery({
    queryKey: [keys.flows, 'schedule', flow.id, flow.publishedVersion],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/flows/{flowId}/schedule', { params: { path: { flowId: flow.id } }, signal })),
    enabled: isPolled,
    refetchInterval: flow.status === 'running' ? lookEveryMs : false,
  });
  if (!isPolled || !data) return null;
  return (
    <Paper withBorder component="section" aria-label="Schedule" px="sm" py={6}>
      <Group gap="xs">
        <IconClock size={18} aria-hidden="true" style={{ flex: 'none' }} />
        <Text size="sm" fw={600}>
          Looks {scheduleWords(data.schedule)}
        </Text>
        <Text size="sm" c="dimmed" component="div">
          {flow.status === 'running' ? <LastPoll {...data} /> : `The flow is ${flow.status}: it does not look.`}
        </Text>
      </Group>
    </Paper>
  );
}

function LastPoll({ lastAt, lastStatus, lastOutputs, lastRunId, nextAt }: FlowSchedule): ReactNode {
  if (lastAt === null)
    return nextAt === null ? (
      'It has not looked yet.'
    ) : (
      <>
        First time: <When time={nextAt} />
      </>
    );
  const found = lastOutputs === 0 ? 'nothing new' : lastOutputs === null ? null : `${lastOutputs} found`;
  return (
    <>
      Last time <When time={lastAt} isPast />:{' '}
      {lastStatus === 'succeeded' ? (found ?? 'succeeded') : (lastStatus ?? 'under way')}
      {lastRunId !== null && (
        <>
          {' – '}
          <Anchor component={Link} to={`/runs/${lastRunId}`} inherit>
            its run
          </Anchor>
        </>
      )}
    </>
  );
}
