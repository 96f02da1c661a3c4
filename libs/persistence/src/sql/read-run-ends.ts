import type { RunId, StepId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A run that has ended. */
export interface RunEnd {
  runId: RunId;
  status: 'succeeded' | 'failed' | 'cancelled' | 'duplicate';
  /** Whether one of the steps that were asked for succeeded in it. */
  replied: boolean;
}

const text = `
select r.id as "runId", r.status,
       exists (
         select from unnest($2::uuid[], $3::text[]) as a (run_id, step_id)
         join step_run s on s.run_id = a.run_id and s.step_id = a.step_id
         where a.run_id = r.id and s.status = 'succeeded'
       ) as replied
from unnest($1::uuid[]) as t (id)
join run r on r.id = t.id
where r.finished_at is not null`;

/** How runs ended, and whether one of their reply steps had run; those that have not ended are missing. */
export function readRunEnds(database: Database, runs: Map<RunId, readonly StepId[]>): Promise<RunEnd[]> {
  const steps = Array.from(runs, ([runId, stepIds]) => stepIds.map((stepId) => ({ runId, stepId }))).flat();
  return database.hot<RunEnd>({
    name: 'read-run-ends',
    text,
    values: [[...runs.keys()], steps.map(({ runId }) => runId), steps.map(({ stepId }) => stepId)],
  });
}
