import type { RunId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { ParkedSummary } from '../sql/parked-messages.js';

/** Where a page of parked messages ended. It holds all that orders them, so its message may be gone meanwhile. */
export interface ParkedPlace {
  /** ISO 8601 with microseconds: a Date would lose what tells it from its neighbours. */
  parkedAt: string;
  id: string;
}

export interface ListedParked extends ParkedSummary {
  place: ParkedPlace;
}

const listText = `
select id, queue, reason, message_id as "messageId", parked_at as "parkedAt", length(body) as "sizeBytes",
       json_build_object(
         'parkedAt', to_char(parked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'id', id
       ) as place
from parked_message
where $2::timestamptz is null or (parked_at, id) < ($2, $3::uuid)
order by parked_at desc, id desc limit $1`;

/** A page of parked messages, newest first, from below the place `before`. */
export function listParked(
  manager: EntityManager,
  options: { limit: number; before?: ParkedPlace | undefined },
): Promise<ListedParked[]> {
  const { limit, before } = options;
  return manager.query<ListedParked[]>(listText, [limit, before?.parkedAt ?? null, before?.id ?? null]);
}

/** The id of the message that was parked last of those that `queue` knew by the id of this request. */
export async function findParkedRequest(
  manager: EntityManager,
  queue: string,
  requestId: RunId,
): Promise<string | undefined> {
  const [row] = await manager.query<{ id: string }[]>(
    'select id from parked_message where queue = $1 and message_id = $2 order by parked_at desc limit 1',
    [queue, requestId],
  );
  return row?.id;
}

/**
 * Removes a parked message. One that was released: only after the broker has confirmed it on its queue. Resolves false when
 * somebody else has removed it already.
 */
export async function removeParked(manager: EntityManager, id: string): Promise<boolean> {
  const [, removed] = await manager.query<[unknown[], number]>('delete from parked_message where id = $1', [id]);
  return removed === 1;
}
