import { IconParking } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { ParkedMessage } from '../../api/schema.generated.js';
import { useIsAdministrator } from '../../api/session.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ListState } from '../../ui/list-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { usePages } from '../../ui/use-pages.js';
import { OpeningList } from '../shared/opening-list.js';
import { ParkedItem } from './parked-item.js';

const pageSize = 50;

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
  const { items, query } = usePages<ParkedMessage>([keys.parked, 'list'], (page, signal) =>
    unwrap(api.GET('/v1/parked', { params: { query: { limit: pageSize, ...page } }, signal })),
  );
  return (
    <ListState
      query={query}
      what="parked messages"
      isEmpty={items.length === 0 && !query.hasNextPage}
      empty={
        <EmptyState title="Nothing is parked" icon={<IconParking size={28} />}>
          Nothing is ever dropped: what cannot be handled waits here until someone releases or deletes it.
        </EmptyState>
      }
    >
      <OpeningList query={query}>
        {items.map((message) => (
          <ParkedItem key={message.id} message={message} />
        ))}
      </OpeningList>
    </ListState>
  );
}
