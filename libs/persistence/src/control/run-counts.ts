/*
 * How many runs there were, by flow, hour and outcome, without reading them each time and without a word from the engine.
 *
 * An hour that is over is counted from the run log and kept in run_hour. What is kept may change: a run is written late, waits
 * for days, or is retried. So an hour is counted again: when it is twice as old as it was at the last count, or, while a run of it is
 * open, a twentieth older; and every minute for half an hour after somebody has acted on a run of it. Hours that are not
 * counted yet, the present one above all, are counted when they are asked for.
 */
import { millisOf, type FlowId, type RunId, type WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { Database } from '../database.js';
import type { RunStatus } from './run-log.js';

export type RunCounts = Record<RunStatus, number>;

/** The runs of a flow that came within some time. */
export interface CountedRuns extends RunCounts {
  flowId: FlowId;
  /** When that time began, in milliseconds. */
  atMs: number;
}

export interface CountSpan {
  from: Date;
  to: Date;
  flowId?: FlowId | undefined;
}

const statuses = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'duplicate'] as const;
const countedByStatus = statuses
  .map((status) => `count(*) filter (where status = '${status}') as ${status}`)
  .join(', ');
const asNumbers = statuses.map((status) => `${status}::float8 as ${status}`).join(', ');
const sums = statuses.map((status) => `sum(${status})::float8 as ${status}`).join(', ');
const columns = statuses.join(', ');

const dueText = `
select w.id as "workspaceId", h.hour
from workspace w
cross join generate_series(
  date_trunc('hour', now(), 'UTC') - interval '8 days', now() - interval '61 minutes', interval '1 hour'
) as h (hour)
left join run_hour_count c on c.workspace_id = w.id and c.hour = h.hour
where c.counted_at is null
   or c.counted_at < now() - interval '1 minute' and (
     c.eager_until > c.counted_at
     or now() - h.hour - interval '1 hour' > (c.counted_at - h.hour - interval '1 hour') * case when c.open then 1.05 else 2 end
   )
order by h.hour desc limit $1`;

/** Hours of the last eight days that are to be counted, or counted again, the latest first. */
export function listDueHours(database: Database, limit: number): Promise<{ workspaceId: WorkspaceId; hour: Date }[]> {
  return database.hot({ name: 'list-due-hours', text: dueText, values: [limit] });
}

const countText = `
with counted as materialized (
  select flow_id, ${countedByStatus}
  from run
  where workspace_id = $1 and id >= first_id_at($2::timestamptz) and id < first_id_at($2::timestamptz + interval '1 hour')
  group by flow_id
), gone as (
  delete from run_hour
  where workspace_id = $1 and hour = $2 and not (flow_id = any (array(select flow_id from counted)))
), kept as (
  insert into run_hour (workspace_id, hour, flow_id, ${columns})
  select $1, $2, flow_id, ${columns} from counted
  on conflict (workspace_id, hour, flow_id) do update
  set ${statuses.map((status) => `${status} = excluded.${status}`).join(', ')}
)
insert into run_hour_count (workspace_id, hour, counted_at, open)
select $1, $2, now(), exists (select from counted where queued + running + waiting > 0)
on conflict (workspace_id, hour) do update set counted_at = excluded.counted_at, open = excluded.open`;

/** Counts the runs of an hour that is over, and keeps the numbers. Safe to repeat. */
export async function countHour(database: Database, workspaceId: WorkspaceId, hour: Date): Promise<void> {
  await database.hot({ name: 'count-hour', text: countText, values: [workspaceId, hour] });
}

/** Somebody has acted on a run: its hour is counted again soon. */
export async function recountHourOf(manager: EntityManager, workspaceId: WorkspaceId, runId: RunId): Promise<void> {
  const hourMs = 3_600_000;
  const hour = new Date(Math.floor(millisOf(runId) / hourMs) * hourMs);
  await manager.query(
    `update run_hour_count set eager_until = now() + interval '30 minutes'
     where workspace_id = $1 and hour = $2 and (eager_until is null or eager_until < now() + interval '29 minutes')`,
    [workspaceId, hour],
  );
}

/** Removes the numbers of hours whose runs are not kept any more. */
export async function removeOldCounts(manager: EntityManager): Promise<void> {
  for (const table of ['run_hour', 'run_hour_count']) {
    await manager.query(
      `delete from ${table} c using workspace w
       where c.workspace_id = w.id and c.hour < now() - make_interval(days => w.retention_days)`,
    );
  }
}

/** The kept numbers, but for some hours, each flow's together for every `stepMs`, which is whole hours. */
export function readKeptCounts(
  database: Database,
  workspaceId: WorkspaceId,
  { from, to, flowId, stepMs, without }: CountSpan & { stepMs: number; without: readonly Date[] },
): Promise<CountedRuns[]> {
  return database.hot<CountedRuns>({
    name: 'read-kept-counts',
    text: `
select flow_id as "flowId", (floor(extract(epoch from hour) * 1000 / $5::float8) * $5::float8)::float8 as "atMs", ${sums}
from run_hour
where workspace_id = $1 and hour >= $2 and hour < $3 and ($4::uuid is null or flow_id = $4)
  and hour <> all ($6::timestamptz[])
group by 1, 2`,
    values: [workspaceId, from, to, flowId ?? null, stepMs, without],
  });
}

const perStep = (times: string, length: string): string => `
select r.flow_id as "flowId", (extract(epoch from t.at) * 1000)::float8 as "atMs", ${asNumbers}
from (${times}) as t (at), lateral (
  select flow_id, ${countedByStatus}
  from run
  where workspace_id = $1 and id >= first_id_at(t.at) and id < first_id_at(t.at + ${length})
    and ($4::uuid is null or flow_id = $4)
  group by flow_id
) as r`;

/** The runs of those hours that are not counted yet, counted now. */
export function countOtherHours(
  database: Database,
  workspaceId: WorkspaceId,
  { from, to, flowId }: CountSpan,
): Promise<CountedRuns[]> {
  const hours = `
  select h.hour from generate_series($2::timestamptz, $3::timestamptz - interval '1 hour', interval '1 hour') as h (hour)
  where not exists (select from run_hour_count c where c.workspace_id = $1 and c.hour = h.hour)`;
  return database.hot<CountedRuns>({
    name: 'count-other-hours',
    text: perStep(hours, `interval '1 hour'`),
    values: [workspaceId, from, to, flowId ?? null],
  });
}

/** The runs of a short time, counted now in steps. */
export function countSteps(
  database: Database,
  workspaceId: WorkspaceId,
  { from, to, flowId, stepMs }: CountSpan & { stepMs: number },
): Promise<CountedRuns[]> {
  const step = `make_interval(secs => $5::float8 / 1000)`;
  return database.hot<CountedRuns>({
    name: 'count-steps',
    text: perStep(`select generate_series($2::timestamptz, $3::timestamptz - ${step}, ${step})`, step),
    values: [workspaceId, from, to, flowId ?? null, stepMs],
  });
}

/** How many runs of the hours that are counted, but for some, are open, however long ago they came. */
export async function readKeptOpen(
  database: Database,
  workspaceId: WorkspaceId,
  without: readonly Date[],
): Promise<Pick<RunCounts, 'queued' | 'running' | 'waiting'>> {
  const [row] = await database.hot<Pick<RunCounts, 'queued' | 'running' | 'waiting'>>({
    name: 'read-kept-open',
    text: `
select coalesce(sum(queued), 0)::float8 as queued, coalesce(sum(running), 0)::float8 as running,
       coalesce(sum(waiting), 0)::float8 as waiting
from run_hour where workspace_id = $1 and queued + running + waiting > 0 and hour <> all ($2::timestamptz[])`,
    values: [workspaceId, without],
  });
  return row ?? { queued: 0, running: 0, waiting: 0 };
}

/** A flow with the last of its failures. */
export interface FailingFlowRow {
  id: FlowId;
  name: string;
  status: 'draft' | 'running' | 'paused' | 'stopped';
  runId: RunId | null;
  stepId: string | null;
  /** The beginning of the JSON text of the error. */
  error: string | null;
  failedAt: Date | null;
}

/** Flows with their last failure since a time; deleted ones are missing. */
export function readFailingFlows(
  database: Database,
  workspaceId: WorkspaceId,
  { flowIds, from }: { flowIds: FlowId[]; from: Date },
): Promise<FailingFlowRow[]> {
  return database.hot<FailingFlowRow>({
    name: 'read-failing-flows',
    text: `
select f.id, f.name, f.status, s.run_id as "runId", s.step_id as "stepId", s.error, s.failed_at as "failedAt"
from flow f
left join lateral (
  select run_id, step_id, left(error::text, 8000) as error, coalesce(finished_at, started_at) as failed_at
  from step_run
  where flow_id = f.id and workspace_id = $1 and status = 'failed' and run_id >= first_id_at($3::timestamptz)
  order by run_id desc limit 1
) as s on true
where f.workspace_id = $1 and f.id = any ($2::uuid[]) and f.deleted_at is null`,
    values: [workspaceId, flowIds, from],
  });
}

export interface LastRunRow {
  flowId: FlowId;
  id: RunId;
  status: RunStatus;
  startedAt: Date;
}

/** The last run of each of these flows; those that never ran are missing. */
export function readLastRuns(database: Database, workspaceId: WorkspaceId, flowIds: FlowId[]): Promise<LastRunRow[]> {
  return database.hot<LastRunRow>({
    name: 'read-last-runs',
    text: `
select f.id as "flowId", r.id, r.status, r.started_at as "startedAt"
from unnest($2::uuid[]) as f (id), lateral (
  select id, status, started_at from run where flow_id = f.id and workspace_id = $1 order by id desc limit 1
) as r`,
    values: [workspaceId, flowIds],
  });
}
