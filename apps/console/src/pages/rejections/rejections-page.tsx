import { Paper, Select } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Rejection } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ListState } from '../../ui/list-state.js';
import { NothingFits } from '../../ui/nothing-fits.js';
import { PageHeader } from '../../ui/page-header.js';
import { useAddressFilter } from '../../ui/use-address-filter.js';
import { usePages } from '../../ui/use-pages.js';
import { HelpLink } from '../help/help-link.js';
import { FlowSelect } from '../shared/flow-select.js';
import { OpeningList } from '../shared/opening-list.js';
import { RejectionItem } from './rejection-item.js';
import { rejectionReasons } from './rejection-remedy.js';
import classes from './rejections.module.css';

const filterNames = ['flow', 'reason'] as const;
const pageSize = 50;

/** Why requests were not received: of all flows, or of one. */
export function RejectionsPage(): ReactNode {
  const filter = useAddressFilter(filterNames);
  const { flow: flowId, reason } = filter.values;
  const asked = { limit: pageSize, ...(flowId !== '' && { flowId }), ...(reason !== '' && { reason }) };
  const { items, query } = usePages<Rejection>([keys.rejections, asked], (page, signal) =>
    unwrap(api.GET('/v1/rejections', { params: { query: { ...asked, ...page } }, signal })),
  );
  return (
    <>
      <PageHeader title="Rejections" description="Why was it not received? Requests that a webhook URL did not take." />
      <Paper component="search" withBorder p="sm" radius="md" mb="md" aria-label="Filter the rejections">
        <div className={classes['filters']}>
          <FlowSelect value={flowId} onChange={(flow) => filter.change({ flow })} />
          <Select
            label="Reason"
            placeholder="All reasons"
            data={rejectionReasons}
            value={reason === '' ? null : reason}
            onChange={(chosen) => filter.change({ reason: chosen })}
            clearable
            clearButtonProps={{ 'aria-label': 'All reasons' }}
          />
        </div>
      </Paper>
      <ListState
        query={query}
        what="rejections"
        isEmpty={items.length === 0 && !query.hasNextPage}
        empty={
          filter.active ? (
            <NothingFits
              title="Nothing was rejected that matches"
              icon={<IconBan size={28} />}
              showAll="Show all rejections"
              onShowAll={filter.clear}
            >
              Choose another flow or reason. A request that was accepted is among the runs.
            </NothingFits>
          ) : (
            <EmptyState title="Nothing was rejected" icon={<IconBan size={28} />}>
              Requests that are refused, for a wrong password or a broken body, are listed here with the reason. A
              request that was accepted is among the runs. <HelpLink topic="calls">Calling a webhook URL</HelpLink>
            </EmptyState>
          )
        }
      >
        <OpeningList query={query}>
          {items.map((rejection) => (
            <RejectionItem key={rejection.id} rejection={rejection} />
          ))}
        </OpeningList>
      </ListState>
    </>
  );
}
