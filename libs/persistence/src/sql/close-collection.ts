import { newId, type FlowVersionId, type RunId, type StepId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A batch is closed with so much, and with one item if that alone is more. Its output is one row and one message. */
export const maxBatchBytes = 8 * 1024 * 1024;

/** How far a look has come: a collection, and when it should be looked at, as Postgres writes it. */
export interface LookedAt {
  lookAt: string;
  id: string;
}

/** A collection that should be looked at. */
export interface DueCollection extends LookedAt {
  versionId: FlowVersionId;
  stepId: StepId;
  closed: boolean;
}

const dueText = `
select id, version_id as "versionId", step_id as "stepId", closed_at is not null as closed, look_at::text as "lookAt"
from collection
where look_at <= now() and (look_at, id) > ($2::timestamptz, $3::uuid)
order by look_at, id limit $1`;

const beforeAll: LookedAt = { lookAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/** The next collections that should be looked at, the longest due first. Nothing is locked or taken. */
export function findDueCollections(
  database: Database,
  { after = beforeAll, limit }: { after: LookedAt | undefined; limit: number },
): Promise<DueCollection[]> {
  const values = [limit, after.lookAt, after.id];
  return database.hot<DueCollection>({ name: 'find-due-collections', text: dueText, values });
}

// Who comes second goes on with another one: that is how several orchestrators share the work.
const lockText = `
select step_id as "stepId", run_id as "runId", max_items as "maxItems", deadline <= now() as late
from collection where id = $1 and closed_at is null and look_at <= now() for update skip locked`;

const waiting = (alias: string): string => `${alias}.status = 'waiting' and ${alias}.waiting_for = 'collect'`;
const stepOf = (step: string, item: string): string =>
  `${step}.run_id = ${item}.run_id and ${step}.step_id = ${item}.step_id and ${step}.path = ${item}.path`;

// One more than go on together tells whether others stay behind.
const itemsText = `
select i.position::text, i.bytes from collected_item i join step_run s on ${stepOf('s', 'i')}
where i.collection_id = $1 and ${waiting('s')}
order by i.position limit $2`;

// What may yet bring an item: a step above that has not ended, or the step itself that has not brought its own.
const openAboveText = `
select exists (
  select from step_run s
  where s.run_id = $1 and s.step_id = any ($2::text[]) and s.status in ('running', 'waiting')
) or exists (
  select from step_run s
  where s.run_id = $1 and s.step_id = $3 and s.status in ('running', 'waiting') and not exists (
    select from collected_item i where i.run_id = s.run_id and i.step_id = s.step_id and i.path = s.path
  )
) as "openAbove"`;

// The older the collection, the longer until the next look; an item that comes makes it due at once. It is as old as its
// first item: the deadline counts from there.
const laterText = `
update collection
set items = $2, bytes = $3,
    look_at = case when run_id is null then deadline else least(deadline, now() + make_interval(secs =>
      least($5, greatest($4, (extract(epoch from now() - deadline)::float8 * 1000 + timeout_ms) / 10)) / 1000)) end
where id = $1`;

const removeText = `delete from collection where id = $1`;

const closeText = `update collection set closed_at = now(), reason = $2, items = $3, look_at = now() where id = $1`;

// Of the items that go on, those whose run is over are left out.
const dropText = `
delete from collected_item i
where i.collection_id = $1 and i.position <= $2::bigint
  and not exists (select from step_run s where ${stepOf('s', 'i')} and ${waiting('s')})`;

const restText = `
with rest as (
  insert into collection (id, workspace_id, flow_id, version_id, step_id, run_id, key_hash, key, max_items, timeout_ms, items,
                          bytes, deadline, look_at)
  select $2, c.workspace_id, c.flow_id, c.version_id, c.step_id, c.run_id, c.key_hash, c.key, c.max_items, c.timeout_ms,
         r.items, r.bytes, r.first_at + make_interval(secs => c.timeout_ms / 1000), now()
  from collection c, (
    select count(*)::int as items, sum(bytes)::bigint as bytes, min(collected_at) as first_at
    from collected_item where collection_id = $1 and position > $3::bigint
  ) r
  where c.id = $1 and r.items > 0
  returning id
)
update collected_item i set collection_id = rest.id from rest
where i.collection_id = $1 and i.position > $3::bigint`;

/** How long until an open collection is looked at again: a tenth of its age, within these bounds. */
export interface LookPause {
  shortestMs: number;
  longestMs: number;
}

/**
 * Decides whether the items of an open collection go on, and which: as many as are wanted or fit, or, when the time is over or
 * no step above can bring another, all. What is left is another open collection. Resolves whether it was closed; `false` also
 * when somebody else is at it.
 */
export async function closeCollection(
  database: Database,
  { id, ancestors, pause }: { id: string; ancestors: readonly StepId[]; pause: LookPause },
): Promise<boolean> {
  return database.dataSource.transaction(async (manager) => {
    const [open] = await manager.query<{ stepId: StepId; runId: RunId | null; maxItems: number; late: boolean }[]>(
      lockText,
      [id],
    );
    if (!open) return false;
    const items = await manager.query<{ position: string; bytes: number }[]>(itemsText, [id, open.maxItems]);
    const { taken, bytes } = fitting(items);
    const last = items[taken - 1];
    if (!last) {
      await manager.query(removeText, [id]);
      return false;
    }
    const noMore = async (): Promise<boolean> => {
      if (open.runId === null) return false;
      const [above] = await manager.query<{ openAbove: boolean }[]>(openAboveText, [
        open.runId,
        ancestors,
        open.stepId,
      ]);
      return above?.openAbove === false;
    };
    const reason =
      taken === open.maxItems
        ? 'count'
        : taken < items.length || bytes >= maxBatchBytes
          ? 'size'
          : open.late
            ? 'time'
            : (await noMore())
              ? 'branches'
              : undefined;
    if (!reason) {
      await manager.query(laterText, [id, items.length, bytes, pause.shortestMs, pause.longestMs]);
      return false;
    }
    await manager.query(closeText, [id, reason, taken]);
    await manager.query(dropText, [id, last.position]);
    await manager.query(restText, [id, newId(), last.position]);
    return true;
  });
}

/** How many of the first items fit into a batch, one at least. */
function fitting(items: { bytes: number }[]): { taken: number; bytes: number } {
  let bytes = 0;
  for (const [taken, item] of items.entries()) {
    if (taken > 0 && bytes + item.bytes > maxBatchBytes) return { taken, bytes };
    bytes += item.bytes;
  }
  return { taken: items.length, bytes };
}
