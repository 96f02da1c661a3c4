import { Accordion, Button, Group, Paper, Select, Stack } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { FlowSelect } from '../shared/flow-select.js';
import { useAddressFilter } from '../shared/use-address-filter.js';
import { RejectionItem } from './rejection-item.js';
import { rejectionReasons } from './rejection-remedy.js';
import classes from './rejections.module.css';

/** Why requests were not received: of all flows, or of one. */
export function RejectionsPage(): ReactNode {
  const { get, set } = useAddressFilter();
  const flowId = get('flow');
  const reason = get('reason');
  const filter = { ...(flowId !== undefined && { flowId }), ...(reason !== undefined && { reason }) };
  const list = useInfiniteQuery({
    queryKey: [keys.rejections, filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 50, ...(pageParam !== null && { cursor: pageParam }) };
      return unwrap(api.GET('/v1/rejections', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = flowId !== undefined || reason !== undefined;
  return (
    <>
      <PageHeader title="Rejections" description="Why was it not received? Requests that a webhook URL did not take." />
      <Paper component="search" withBorder p="sm" radius="md" mb="md" aria-label="Filter the rejections">
        <div className={classes['filters']}>
          <FlowSelect value={flowId} onChange={(flow) => set({ flow })} />
          <Select
            label="Reason"
            placeholder="All reasons"
            data={rejectionReasons}
            value={reason ?? null}
            onChange={(value) => set({ reason: value ?? undefined })}
            clearable
            clearButtonProps={{ 'aria-label': 'All reasons' }}
          />
        </div>
      </Paper>
      {list.isPending && <LoadingRows label="Loading the rejections" />}
      {list.isError && !list.data && <ProblemAlert error={list.error} onRetry={() => list.refetch()} />}
      {list.data && items.length === 0 && (
        <EmptyState
          title={filtered ? 'Nothing was rejected that matches' : 'Nothing was rejected'}
          icon={<IconBan size={28} />}
          action={
            filtered && (
              <Button variant="default" onClick={() => set({ flow: undefined, reason: undefined })}>
                Show all rejections
              </Button>
            )
          }
        >
          Requests that are refused, for a wrong password or a broken body, are listed here with the reason. A request
          that was accepted is among the runs.
        </EmptyState>
      )}
      {items.length > 0 && (
        <Stack>
          <Accordion
            className={classes['list'] ?? ''}
            variant="contained"
            chevronPosition="left"
            multiple
            keepMounted={false}
          >
            {items.map((rejection) => (
              <RejectionItem key={rejection.id} rejection={rejection} />
            ))}
          </Accordion>
          {list.hasNextPage && (
            <Group justify="center">
              <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show older ones
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </>
  );
}
