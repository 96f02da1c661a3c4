import { parseId, type FlowId } from '@millrace/contracts';
import type { SelectQueryBuilder } from 'typeorm';
import type { FlowEntity, FlowStatus } from '../entities/flow.entity.js';

/** In which order flows are listed: the newest first, by name, or the one that was changed last first. */
export type FlowOrder = 'newest' | 'name' | 'updated';

/** Where a page of a list in some order ended. */
export interface FlowPlace {
  id: FlowId;
  /** The name or the time of the change; nothing for `newest`. */
  value?: string | undefined;
}

/** Which flows to list, and how. */
export interface FlowListing {
  limit: number;
  /** Any of these; all when missing or empty. */
  status?: readonly FlowStatus[] | undefined;
  /** Flows whose name holds this text, in capital or small letters, or whose id it is. */
  text?: string | undefined;
  order?: FlowOrder | undefined;
  after?: FlowPlace | undefined;
}

const keys = {
  newest: { column: 'f.id', direction: 'DESC', past: 'f.id < :afterId' },
  name: {
    column: 'lower(f.name)',
    direction: 'ASC',
    past: '(lower(f.name), f.id) > (:afterValue, :afterId)',
  },
  updated: {
    column: 'f.updated_at',
    direction: 'DESC',
    past: '(f.updated_at, f.id) < (:afterValue::timestamptz, :afterId)',
  },
} as const;

/** What the place of a flow in an order is made of, as text. */
const placeColumns = [
  'lower(f.name) as "nameKey"',
  `to_char(f.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "updatedKey"`,
];

/** Narrows and orders a query for flows; it reads one row more than the limit. */
export function listed(query: SelectQueryBuilder<FlowEntity>, listing: FlowListing): SelectQueryBuilder<FlowEntity> {
  const { limit, status, text, order = 'newest', after } = listing;
  const { column, direction, past } = keys[order];
  query.addSelect(placeColumns).orderBy(column, direction);
  if (order !== 'newest') query.addOrderBy('f.id', direction);
  query.limit(limit + 1);
  if (status?.length) query.andWhere('f.status = any (:status)', { status });
  if (text !== undefined) {
    query.andWhere(`(strpos(lower(f.name), lower(:text)) > 0 or f.id = :textId)`, {
      text,
      textId: parseId(text) ?? null,
    });
  }
  if (after) query.andWhere(past, { afterId: after.id, afterValue: after.value ?? '' });
  return query;
}
