import { Accordion, Button, Group, Stack } from '@mantine/core';
import { IconParking } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import { useIsAdministrator } from '../../api/session.js';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { ParkedItem } from './parked-item.js';
import classes from './parked.module.css';

const empty = {
  title: 'Nothing is parked',
  words: 'Nothing is ever dropped: what cannot be handled waits here until someone releases or deletes it.',
};

/** Messages that nobody could handle. Only administrators see and release them. */
export function ParkedPage(): ReactNode {
  const administrator = useIsAdministrator();
  return (
    <>
      <PageHeader title="Parked" description="Messages that could not be read or delivered." />
      {administrator ? (
        <ParkedMessages />
      ) : (
        <EmptyState title="Parked messages are for administrators" icon={<IconParking size={28} />}>
          When a request was accepted and no run of it could begin, ask an administrator to look here.
        </EmptyState>
      )}
    </>
  );
}

function ParkedMessages(): ReactNode {
  const list = useInfiniteQuery({
    queryKey: [keys.parked, 'list'],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam !== null && { cursor: pageParam }) };
      return unwrap(api.GET('/v1/parked', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  if (list.isPending) return <LoadingRows label="Loading the parked messages" />;
  if (!list.data) return <ProblemAlert error={list.error} onRetry={() => list.refetch()} />;
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0 && !list.hasNextPage) {
    return (
      <EmptyState title={empty.title} icon={<IconParking size={28} />}>
        {empty.words}
      </EmptyState>
    );
  }
  return (
    <Stack>
      <Accordion
        className={classes['list'] ?? ''}
        variant="contained"
        chevronPosition="left"
        multiple
        keepMounted={false}
      >
        {items.map((message) => (
          <ParkedItem key={message.id} message={message} />
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
  );
}
