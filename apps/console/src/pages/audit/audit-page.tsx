import { Paper } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { AuditEntry, AuditAction } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ListState } from '../../ui/list-state.js';
import { MoreRows } from '../../ui/more-rows.js';
import { NothingFits } from '../../ui/nothing-fits.js';
import { PageHeader } from '../../ui/page-header.js';
import { useAddressFilter } from '../../ui/use-address-filter.js';
import { usePages } from '../../ui/use-pages.js';
import { AuditEntryLine } from './audit-entry-line.js';
import classes from './audit-entry-line.module.css';
import { AuditFilters, type AuditFilterName } from './audit-filters.js';
import { dayBound } from './day-bounds.js';

const names: readonly AuditFilterName[] = ['actor', 'action', 'entity', 'from', 'to'];

export function AuditPage(): ReactNode {
  const filter = useAddressFilter(names);
  const { actor, action, entity, from, to } = filter.values;
  const since = dayBound(from, 'from');
  const until = dayBound(to, 'to');
  const asked = {
    ...(actor !== '' && { actor }),
    ...(action !== '' && { action: action as AuditAction }),
    ...(entity !== '' && { entity }),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { to: until }),
  };
  const { items, query } = usePages<AuditEntry>([keys.audit, 'list', asked], (page, signal) =>
    unwrap(api.GET('/v1/audit', { params: { query: { ...asked, ...page } }, signal })),
  );
  return (
    <>
      <PageHeader title="Audit" description="Who has changed what, and when. Values that may be secret are left out." />
      <AuditFilters filter={filter} />
      <ListState
        query={query}
        what="audit"
        isEmpty={items.length === 0}
        empty={
          filter.active ? (
            <NothingFits title="Nothing that fits" icon={<IconHistory size={28} />} onShowAll={filter.clear}>
              Nobody did what you look for in that time.
            </NothingFits>
          ) : (
            <EmptyState title="Nothing was changed yet" icon={<IconHistory size={28} />}>
              Every change in this workspace is listed here with who made it.
            </EmptyState>
          )
        }
      >
        <Paper withBorder>
          <ol className={classes['list']} aria-label="Audit">
            {items.map((entry) => (
              <AuditEntryLine key={entry.id} entry={entry} onActor={(userId) => filter.change({ actor: userId })} />
            ))}
          </ol>
        </Paper>
        <MoreRows query={query} />
      </ListState>
    </>
  );
}
