import type { Json, LogEntry, RunId, StepPath } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { StepRunKey } from './read-step-runs.js';
import { unsentForMs } from './release-steps.js';

/** A step run that waits with its item no longer. */
export interface ReleasedItem extends StepRunKey {
  attempt: number;
  startedAt: Date;
  logs: LogEntry[] | null;
  componentVersion: string | null;
}

export type CollectionReason = 'count' | 'time' | 'branches' | 'size';

/** Items that go on together. */
export interface ReleasedCollection {
  released: ReleasedItem[];
  /** Whether there may be more to release. */
  more: boolean;
  count: number;
  /** The step run that goes on with all of them. */
  holder: { runId: RunId; path: StepPath };
  /** Only where the holder is among the released. */
  batch?: CollectedBatch;
}

export interface CollectedBatch {
  key: Json;
  reason: CollectionReason;
  /** Whether they are of one run. */
  ofOneRun: boolean;
  firstAt: Date;
  /** In the order in which they came. */
  items: { path: StepPath; item: Json }[];
}

const lockText = `
select step_id as "stepId", run_id as "runId", key, reason, items, holder_run_id as "holderRunId", holder_path as "holderPath"
from collection where id = $1 and closed_at is not null and look_at <= now() for update skip locked`;

// The holder first; without one yet, the first item whose run is not over becomes it.
const waitingText = `
select i.run_id as "runId", i.path
from collected_item i join step_run s on s.run_id = i.run_id and s.step_id = i.step_id and s.path = i.path
where i.collection_id = $1 and s.status = 'waiting' and s.waiting_for = 'collect'
order by (i.run_id = $3::uuid and i.path = $4::text) desc nulls last, i.position limit $2`;

const lockRunsText = `select id from run where id = any ($1::uuid[]) order by id for update`;

// Marked as unsent: whoever looks next takes it up within seconds if the caller dies before its result is sent.
const releaseText = `
with released as (
  update step_run s
  set status = 'running', waiting_for = null, overdue_after_ms = $4, due_at = now() + interval '${unsentForMs} ms'
  from unnest($1::uuid[], $3::text[]) as t (run_id, path)
  where s.run_id = t.run_id and s.step_id = $2 and s.path = t.path and s.status = 'waiting' and s.waiting_for = 'collect'
  returning s.run_id, s.step_id, s.path, s.attempt, s.started_at, s.logs, s.component_version
), going as (
  update run r set status = 'running'
  where r.id in (select run_id from released) and r.status = 'waiting' and not exists (
    select from step_run o
    where o.run_id = r.id and o.status = 'waiting' and o.waiting_for is not null
      and not exists (select from released x where x.run_id = o.run_id and x.step_id = o.step_id and x.path = o.path)
  )
)
select run_id as "runId", step_id as "stepId", path, attempt, started_at as "startedAt", logs,
       component_version as "componentVersion"
from released`;

const noteText = `
update collection set holder_run_id = $2, holder_path = $3, look_at = case when $4 then now() end where id = $1`;

const itemsText = `
select path, item, collected_at as "collectedAt" from collected_item where collection_id = $1 order by position`;

const removeText = `delete from collection where id = $1`;

interface Closed {
  stepId: string;
  runId: RunId | null;
  key: Json;
  reason: CollectionReason;
  items: number;
  holderRunId: RunId | null;
  holderPath: StepPath | null;
}

/**
 * Ends the waiting of up to `limit` step runs of a closed collection and makes them running again, the one that goes on with
 * all items first: the caller sends their results and says so (`markStepsSent`). One that dies before leaves unsent steps, which
 * are asked once more, wait and come here again. Resolves `undefined` when there is nothing to do, or another one does it.
 */
export async function releaseCollected(
  database: Database,
  { id, limit, overdueAfterMs }: { id: string; limit: number; overdueAfterMs: number },
): Promise<ReleasedCollection | undefined> {
  return database.dataSource.transaction(async (manager) => {
    const [closed] = await manager.query<Closed[]>(lockText, [id]);
    if (!closed) return undefined;
    const { stepId, holderRunId, holderPath } = closed;
    const waiting = await manager.query<{ runId: RunId; path: StepPath }[]>(waitingText, [
      id,
      limit,
      holderRunId,
      holderPath,
    ]);
    const known = holderRunId !== null && holderPath !== null ? { runId: holderRunId, path: holderPath } : undefined;
    // All of their runs are over.
    if (waiting.length === 0 && !known) {
      await manager.query(removeText, [id]);
      return undefined;
    }
    await manager.query(lockRunsText, [waiting.map(({ runId }) => runId)]);
    const paths = waiting.map(({ path }) => path);
    const runs = waiting.map(({ runId }) => runId);
    const released = await manager.query<ReleasedItem[]>(releaseText, [runs, stepId, paths, overdueAfterMs]);
    const isReleased = (step: { runId: RunId; path: StepPath }): boolean =>
      released.some(({ runId, path }) => runId === step.runId && path === step.path);
    const holder = known ?? waiting.find(isReleased);
    // They were cancelled in between.
    if (!holder) return undefined;
    const more = waiting.length === limit;
    await manager.query(noteText, [id, holder.runId, holder.path, more]);
    const going = { released, more, count: closed.items, holder };
    if (!isReleased(holder)) return going;
    const rows = await manager.query<{ path: StepPath; item: Json; collectedAt: Date }[]>(itemsText, [id]);
    const firstAt = rows[0]?.collectedAt ?? new Date();
    const { key, reason, runId } = closed;
    return { ...going, count: rows.length, batch: { key, reason, ofOneRun: runId !== null, firstAt, items: rows } };
  });
}
