import type { Database } from '@millrace/persistence';
import { groupBy } from '../group-by.js';
import type { JudgedRun, JudgedStep } from './judged-run.js';

const pageSize = 2_000;

// Written for this judgement alone: what the product's own statements read might share their mistakes.
const runs = `
select id, flow_id as "flowId", status, open_steps as "openSteps", failed_steps as "failedSteps",
       (extract(epoch from started_at) * 1000)::float8 as "startedAt",
       (extract(epoch from finished_at) * 1000)::float8 as "finishedAt",
       duplicate_of as "duplicateOf", replay_of as "replayOf",
       coalesce((request->'query'->>'number')::int, 0) as number
from run where id > $1 order by id limit ${pageSize}`;

const steps = `
select run_id as "runId", step_id as "stepId", path, status, attempt, coalesce(attempts, '[]') as failures,
       (extract(epoch from started_at) * 1000)::float8 as "startedAt", error->>'code' as "errorCode", output
from step_run where run_id = any ($1::uuid[]) order by run_id, path, step_id`;

/** Every run that is in Postgres, whole. */
export async function readRuns({ dataSource }: Database): Promise<JudgedRun[]> {
  const all: JudgedRun[] = [];
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const page: Omit<JudgedRun, 'steps'>[] = await dataSource.query(runs, [after]);
    const last = page.at(-1);
    if (!last) return all;
    const found: (JudgedStep & { runId: string })[] = await dataSource.query(steps, [page.map(({ id }) => id)]);
    const byRun = groupBy(found, ({ runId }) => runId);
    all.push(...page.map((run) => ({ ...run, steps: byRun.get(run.id) ?? [] })));
    after = last.id;
  }
}

/** What has not come to its end. */
export interface Unfinished {
  readonly runs: number;
  readonly steps: number;
  readonly examples: readonly string[];
}

export async function readUnfinished({ dataSource }: Database): Promise<Unfinished> {
  const found: { what: string; count: number; examples: string[] }[] = await dataSource.query(`
    select 'runs' as what, count(*)::int as count, (array_agg(id || ' ' || status))[1:3] as examples
    from run where finished_at is null
    union all
    select 'steps', count(*)::int, (array_agg(run_id || ' ' || step_id || ' ' || path || ' ' || status || ' attempt ' || attempt || ' due ' || due_at::text))[1:3]
    from step_run where status in ('running', 'waiting')`);
  const of = (what: string): { count: number; examples: string[] | null } =>
    found.find((row) => row.what === what) ?? { count: 0, examples: null };
  return {
    runs: of('runs').count,
    steps: of('steps').count,
    examples: [...(of('runs').examples ?? []), ...(of('steps').examples ?? [])],
  };
}

/** Messages that nobody could handle, which the orchestrator has moved into Postgres. */
export async function readParked({ dataSource }: Database): Promise<string[]> {
  const rows: { queue: string; reason: string; message_id: string }[] = await dataSource.query(
    'select queue, reason, message_id from parked_message order by parked_at limit 50',
  );
  return rows.map(({ queue, reason, message_id }) => `${message_id} of ${queue}: ${reason}`);
}
