import type { AttachmentId, RunId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** Where the bytes of an attachment are. */
export type AttachmentPlace = 'postgres' | 's3';

/** An attachment whose bytes are about to be written. */
export interface NewAttachment {
  id: AttachmentId;
  workspaceId: WorkspaceId;
  runId: RunId;
  name: string;
  contentType: string;
  store: AttachmentPlace;
}

/** An attachment that can be read. */
export interface AttachmentRow extends NewAttachment {
  sizeBytes: number;
  sha256: Buffer;
}

/** Announces an attachment: nobody reads it before `completeAttachment`. */
export async function insertAttachment(database: Database, attachment: NewAttachment): Promise<void> {
  const { id, workspaceId, runId, name, contentType, store } = attachment;
  await database.hot({
    name: 'insert-attachment',
    text: `
insert into attachment (id, workspace_id, run_id, name, content_type, store) values ($1, $2, $3, $4, $5, $6)`,
    values: [id, workspaceId, runId, name, contentType, store],
  });
}

/** Makes an attachment readable; `false` when it is being removed or is gone. */
export async function completeAttachment(
  database: Database,
  written: { id: AttachmentId; sizeBytes: number; sha256: Buffer },
): Promise<boolean> {
  const rows = await database.hot({
    name: 'complete-attachment',
    text: `
update attachment set status = 'stored', size_bytes = $2, sha256 = $3 where id = $1 and status = 'writing' returning id`,
    values: [written.id, written.sizeBytes, written.sha256],
  });
  return rows.length === 1;
}

/** An attachment by its id, which a signed URL names: whoever has the URL may read it. */
export async function findAttachment(database: Database, id: AttachmentId): Promise<AttachmentRow | undefined> {
  const rows = await database.hot<AttachmentRow>({
    name: 'find-attachment',
    // As a number: pg gives bigint as text, and sizes are far below 2^53.
    text: `
select id, workspace_id as "workspaceId", run_id as "runId", name, content_type as "contentType", store,
       size_bytes::float8 as "sizeBytes", sha256
from attachment where id = $1 and status = 'stored'`,
    values: [id],
  });
  return rows[0];
}

/** An attachment whose bytes are to be removed before its row. */
export interface RemovableAttachment {
  id: AttachmentId;
  store: AttachmentPlace;
}

/** Makes attachments unreadable before their bytes go; resolves those that were there. Safe to repeat. */
export function beginRemovingAttachments(
  database: Database,
  ids: readonly AttachmentId[],
): Promise<RemovableAttachment[]> {
  return database.hot<RemovableAttachment>({
    name: 'begin-removing-attachments',
    text: `update attachment set status = 'removing' where id = any ($1::uuid[]) returning id, store`,
    values: [ids],
  });
}

/** Which attachments to take, or to look at. */
export interface AbandonedPortion {
  olderThanMs: number;
  /** Only those whose bytes are in one of these places. */
  stores: readonly AttachmentPlace[];
  /** Only those with a higher id. */
  after: AttachmentId | undefined;
  limit: number;
}

/**
 * Takes a portion of the attachments that were never completed, or whose removal never ended, in the order of their
 * ids. Several processes may do so at once; what two of them take is removed twice, which does no harm.
 */
export async function beginRemovingAbandoned(
  database: Database,
  portion: AbandonedPortion,
): Promise<RemovableAttachment[]> {
  const rows = await database.hot<RemovableAttachment>({
    name: 'begin-removing-abandoned',
    text: `
with abandoned as (
  select id from attachment
  where status <> 'stored' and created_at < now() - make_interval(secs => $1::float8 / 1000)
    and store = any ($2::text[]) and ($3::uuid is null or id > $3)
  order by id limit $4
  for update skip locked
)
update attachment set status = 'removing' from abandoned
where attachment.id = abandoned.id
returning attachment.id, attachment.store`,
    values: [portion.olderThanMs, portion.stores, portion.after ?? null, portion.limit],
  });
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What was found among the attachments that were looked at. */
export interface UnclaimedPortion {
  unclaimed: RemovableAttachment[];
  /** The last one that was looked at; `undefined` when there are no more. */
  last: AttachmentId | undefined;
}

// A trigger is somewhere on its way until its run is written: in its queue, or parked and from there back in its queue. The
// queue is in order, so a run of a request that came a day after the file tells that the file's trigger had its turn. A
// parked one makes the file young again, so that there is time enough for the trigger after it is released, too.
const unclaimedText = `
with newest as materialized (
  select id from run order by id desc limit 1
), seen as materialized (
  select id, run_id, created_at from attachment
  where status = 'stored' and store = any ($2::text[]) and ($3::uuid is null or id > $3)
  order by id limit $4
), old as materialized (
  select seen.id, exists (select 1 from parked_message p where p.message_id = seen.run_id::text) as parked
  from seen, newest
  where created_at < now() - make_interval(secs => $1::float8 / 1000)
    and newest.id > (lpad(to_hex((extract(epoch from created_at + interval '1 day') * 1000)::bigint), 12, '0')
      || repeat('0', 20))::uuid
    and not exists (select 1 from run where run.id = seen.run_id)
    and not exists (select 1 from sample where sample.request_id = seen.run_id)
), kept as (
  update attachment set created_at = now() from old where attachment.id = old.id and old.parked
), unclaimed as (
  update attachment set status = 'removing' from old
  where attachment.id = old.id and not old.parked and attachment.status = 'stored'
  returning attachment.id, attachment.store
)
select coalesce((select json_agg(json_build_object('id', id, 'store', store)) from unclaimed), '[]') as unclaimed,
       (select id from seen order by id desc limit 1) as last`;

/**
 * Looks at a portion of the stored attachments, in the order of their ids, and makes those unreadable that nobody can need:
 * there is no run of their request, it is no sample, and its trigger is neither parked nor still on its way. Only those
 * are taken that are older than `olderThanMs`. Safe to repeat, and for several processes at once.
 */
export async function beginRemovingUnclaimed(database: Database, portion: AbandonedPortion): Promise<UnclaimedPortion> {
  const [row] = await database.hot<{ unclaimed: RemovableAttachment[]; last: AttachmentId | null }>({
    name: 'begin-removing-unclaimed',
    text: unclaimedText,
    values: [portion.olderThanMs, portion.stores, portion.after ?? null, portion.limit],
  });
  return { unclaimed: row?.unclaimed ?? [], last: row?.last ?? undefined };
}

/** Removes the rows of attachments whose bytes are gone. Safe to repeat. */
export async function deleteRemovedAttachments(database: Database, ids: readonly AttachmentId[]): Promise<void> {
  await database.hot({
    name: 'delete-removed-attachments',
    text: `delete from attachment where id = any ($1::uuid[]) and status = 'removing'`,
    values: [ids],
  });
}
