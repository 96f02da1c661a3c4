import type { FlowId, FlowVersionId, RunId, StepId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import { comeForward } from './queue-keys.js';
import { unsentForMs } from './release-steps.js';

/** How many of those that had queued up may begin by now, at `perSecond`. */
export async function refillTokens(manager: EntityManager, flowId: FlowId, perSecond: number): Promise<number> {
  // At most what a second brings, so that a queue that could not begin for long does not begin all at once.
  const rows = await manager.query<[{ tokens: number }[], number]>(
    `update flow_queue
     set tokens = least(greatest($2::float8, 1), tokens + extract(epoch from now() - refilled_at)::float8 * $2::float8),
         refilled_at = now()
     where flow_id = $1 returning tokens`,
    [flowId, perSecond],
  );
  return Math.floor(rows[0][0]?.tokens ?? 0);
}

export async function spendTokens(manager: EntityManager, flowId: FlowId, count: number): Promise<void> {
  await manager.query('update flow_queue set tokens = tokens - $2 where flow_id = $1', [flowId, count]);
}

export interface ChooseOptions {
  limit: number;
  /** Places in all; `null` for no bound. */
  concurrency: number | null;
  /** Of the runs before this id at most so many; `null` for no bound. */
  drain: { before: RunId; limit: number } | null;
}

export interface ChosenRun {
  runId: RunId;
  versionId: FlowVersionId;
}

const chooseText = `
with room as (
  select greatest(0, least($2::int, $3::int - (select count(*) from held_run where flow_id = $1 and state = 'begun')::int)) as count
), old as (
  select run_id, version_id from held_run where flow_id = $1 and state = 'queued' and run_id < $4
  order by run_id limit least((select count from room), $5::int)
), late as (
  select run_id, version_id from held_run where flow_id = $1 and state = 'queued' and run_id >= $4
  order by run_id limit (select count from room)
)
select run_id as "runId", version_id as "versionId" from (select * from old union all select * from late) as both_
order by run_id limit (select count from room)`;

const noId = '00000000-0000-0000-0000-000000000000';
const unbounded = 2 ** 31 - 1;

/** The runs that may begin now, the earliest first. */
export function chooseRuns(manager: EntityManager, flowId: FlowId, options: ChooseOptions): Promise<ChosenRun[]> {
  const { limit, concurrency, drain } = options;
  return manager.query<ChosenRun[]>(chooseText, [
    flowId,
    limit,
    concurrency ?? unbounded,
    drain?.before ?? noId,
    drain?.limit ?? 0,
  ]);
}

export interface BegunRun {
  runId: RunId;
  triggerStepId: StepId;
  /** How long after its trigger step was sent the reconciler may send it again. */
  overdueAfterMs: number;
}

const beginText = `
with chosen as (
  select * from unnest($2::uuid[], $3::text[], $4::int[]) as t (run_id, step_id, overdue_after_ms)
), opened as (
  update run r set status = 'running', open_steps = 1
  from chosen c
  where r.id = c.run_id and r.status = 'queued' and r.finished_at is null
  returning r.id, r.workspace_id, r.flow_id, r.version_id, c.step_id, c.overdue_after_ms
), step as (
  insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, due_at, overdue_after_ms)
  select id, step_id, '', workspace_id, flow_id, version_id, 'running', now() + interval '${unsentForMs} ms', overdue_after_ms
  from opened
  on conflict do nothing
), begun as (
  update held_run h set state = 'begun' from opened o where $5 and h.flow_id = $1 and h.run_id = o.id
), gone as (
  delete from held_run h using chosen c
  where h.flow_id = $1 and h.run_id = c.run_id and not ($5 and exists (select from opened o where o.id = h.run_id))
  returning h.order_key
)
select id as "runId", null::bytea as "orderKey" from opened
union all select null, order_key from gone where order_key is not null`;

/**
 * Makes queued runs running, with their trigger steps marked as not sent yet. `places`: they keep a place until they end;
 * without it they leave the queue. Those that have ended meanwhile, as by being cancelled, leave it, too. Resolves which have begun,
 * and the keys that have become free.
 */
export async function beginHeldRuns(
  manager: EntityManager,
  flowId: FlowId,
  { runs, places }: { runs: BegunRun[]; places: boolean },
): Promise<{ begun: Set<RunId>; keys: Buffer[] }> {
  const rows = await manager.query<{ runId: RunId | null; orderKey: Buffer | null }[]>(beginText, [
    flowId,
    runs.map((run) => run.runId),
    runs.map((run) => run.triggerStepId),
    runs.map((run) => run.overdueAfterMs),
    places,
  ]);
  return {
    begun: new Set(rows.flatMap(({ runId }) => runId ?? [])),
    keys: rows.flatMap(({ orderKey }) => orderKey ?? []),
  };
}

const cancelText = `
with chosen as (
  select run_id from held_run where flow_id = $1 and state in ('arrived', 'behind', 'queued')
  order by run_id desc limit $2
), cancelled as (
  update run r set status = 'cancelled', finished_at = now()
  from chosen c where r.id = c.run_id and r.status = 'queued' and r.finished_at is null
  returning r.id
), gone as (
  delete from held_run h using chosen c where h.flow_id = $1 and h.run_id = c.run_id returning 1
)
select (select count(*) from gone)::int as taken, (select count(*) from cancelled)::int as cancelled`;

/**
 * Cancels runs that wait, the latest first, so that what is left stays in order. Resolves how many left the queue, and how many
 * of them had not ended before. The caller holds the lock of the queue.
 */
export async function cancelHeldRuns(
  manager: EntityManager,
  flowId: FlowId,
  limit: number,
): Promise<{ taken: number; cancelled: number }> {
  const [row] = await manager.query<{ taken: number; cancelled: number }[]>(cancelText, [flowId, limit]);
  return row ?? { taken: 0, cancelled: 0 };
}

/**
 * Takes waiting runs out of the queue that somebody has ended, and lets others of their keys come forward. The caller holds
 * the lock of the queue. Without it they leave the queue when their turn comes.
 */
export async function removeHeldRuns(manager: EntityManager, flowId: FlowId, runIds: RunId[]): Promise<void> {
  const [rows] = await manager.query<[{ orderKey: Buffer | null }[], number]>(
    `delete from held_run where flow_id = $1 and run_id = any ($2::uuid[]) and state in ('arrived', 'behind', 'queued')
     returning order_key as "orderKey"`,
    [flowId, runIds],
  );
  await comeForward(manager, flowId, { arrived: [], keys: rows.flatMap(({ orderKey }) => orderKey ?? []) });
}
