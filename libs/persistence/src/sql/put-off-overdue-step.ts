import type { Database } from '../database.js';
import type { StepRunKey } from './read-step-runs.js';

const text = `
update step_run set due_at = now() + make_interval(secs => $4 / 1000.0)
where run_id = $1 and step_id = $2 and path = $3 and status = 'running'`;

/** Says when the reconciler looks again at a step run that it has taken. Of one that has ended nothing changes. */
export async function putOffOverdueStep(database: Database, key: StepRunKey, inMs: number): Promise<void> {
  const { runId, stepId, path } = key;
  await database.hot({ name: 'put-off-overdue-step', text, values: [runId, stepId, path, inMs] });
}
