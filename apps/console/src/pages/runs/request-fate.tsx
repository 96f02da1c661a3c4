import { Alert, Anchor, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { ApiProblem } from '../../api/api-problem.js';
import { api, unwrap } from '../../api/client.js';
import { useFlowNames } from '../../api/flow-names.js';
import { keys } from '../../api/keys.js';
import type { Request } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { When } from '../../ui/when.js';

/** What became of the request of an id, whether it has a run, was refused or is parked. */
export function RequestFate({ requestId }: { requestId: string }): ReactNode {
  const fate = useQuery({
    queryKey: [keys.runs, 'request', requestId],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/requests/{requestId}', { params: { path: { requestId } }, signal })),
  });
  if (fate.data) return <Fate fate={fate.data} />;
  if (fate.isPending) return <LoadingRows count={1} label="Looking the request up" />;
  if (fate.error instanceof ApiProblem && fate.error.status === 404) {
    return (
      <EmptyState title="No request of this id is known">
        It may have been removed because it was old, or belong to another workspace. A run appears a moment after its
        request was answered: this page shows it by itself.
      </EmptyState>
    );
  }
  return <ProblemAlert error={fate.error} onRetry={() => fate.refetch()} />;
}

function Fate({ fate }: { fate: Request }): ReactNode {
  const { nameOf } = useFlowNames();
  const { pathname, search } = useLocation();
  const { status, flowId, requestId } = fate;
  return (
    <Card component="section" withBorder aria-label="The request">
      <Stack gap="sm">
        <Group gap="sm">
          <StatusBadge status={status} />
          <Text fw={600}>
            <bdi>{nameOf(flowId)}</bdi>
          </Text>
          <Text size="sm" c="dimmed">
            <When time={fate.startedAt} />
          </Text>
        </Group>
        <Text size="xs" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {requestId}
        </Text>
        {status === 'rejected' && (
          <Alert color="red" icon={<IconInfoCircle aria-hidden="true" />} title="It was not received">
            {fate.message}{' '}
            <Anchor component={Link} to={flowId === null ? '/rejections' : `/rejections?flow=${flowId}`} inherit>
              See the rejections
            </Anchor>
          </Alert>
        )}
        {status === 'parked' && (
          <Alert
            color="yellow"
            icon={<IconInfoCircle aria-hidden="true" />}
            title="It was received, but no run could begin"
          >
            {fate.reason} An administrator can release it on the page “Parked”.
          </Alert>
        )}
        {status !== 'parked' && status !== 'rejected' && (
          <Group>
            <Button component={Link} to={`/runs/${fate.id}`} state={{ list: `${pathname}${search}` }}>
              Open the run
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  );
}
