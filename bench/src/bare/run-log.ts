import { Pool } from 'pg';
import type { BareMessage } from './broker.js';

export interface FinishedStep {
  readonly runId: string;
  readonly stepId: string;
  readonly output: string;
}

export interface OpenedStep {
  readonly runId: string;
  readonly input: string;
}

/** The run log: one statement, and so one transaction and one round trip, per batch. */
export interface RunLog {
  beginRuns(triggers: readonly BareMessage[]): Promise<void>;
  finishSteps(finished: readonly FinishedStep[], opened: readonly OpenedStep[]): Promise<void>;
}

const beginRuns = `
with input as (
  select * from unnest($1::uuid[], $2::json[]) as t (id, body)
), begun as (
  insert into run (id, status, body) select id, 'running', body from input on conflict do nothing
)
insert into step_run (run_id, step_id, status) select id, 'step_1', 'running' from input on conflict do nothing`;

const finishSteps = `
with finished as (
  update step_run s set status = 'succeeded', output = t.output, finished_at = now()
  from unnest($1::uuid[], $2::text[], $3::json[]) as t (run_id, step_id, output)
  where s.run_id = t.run_id and s.step_id = t.step_id and s.status = 'running'
), opened as (
  insert into step_run (run_id, step_id, status, input)
  select run_id, 'step_2', 'running', input from unnest($4::uuid[], $5::json[]) as t (run_id, input)
  on conflict do nothing
)
update run set status = 'succeeded', finished_at = now()
from unnest($6::uuid[]) as t (id) where run.id = t.id and run.finished_at is null`;

/** @param connections as many as batches are handled at a time */
export function openRunLog(databaseUrl: string, connections: number): RunLog {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: connections,
    // A batch looks a few hundred keys up; without statistics the planner would hash the whole table.
    options: '-c enable_hashjoin=off -c enable_mergejoin=off',
  });
  return {
    async beginRuns(triggers) {
      await pool.query({
        name: 'begin-runs',
        text: beginRuns,
        values: [triggers.map(({ runId }) => runId), triggers.map(({ body }) => body.toString())],
      });
    },
    async finishSteps(finished, opened) {
      await pool.query({
        name: 'finish-steps',
        text: finishSteps,
        values: [
          finished.map(({ runId }) => runId),
          finished.map(({ stepId }) => stepId),
          finished.map(({ output }) => output),
          opened.map(({ runId }) => runId),
          opened.map(({ input }) => input),
          finished.filter(({ stepId }) => stepId === 'step_2').map(({ runId }) => runId),
        ],
      });
    },
  };
}
