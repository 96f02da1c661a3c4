import type { FlowVersionId } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { StepRunKey } from './read-step-runs.js';

/** A step run whose next attempt begins now. */
export interface ReleasedStep extends StepRunKey {
  versionId: FlowVersionId;
  attempt: number;
}

/**
 * A step run that was made running, and whose message is not known to be sent yet, is due again so soon: whoever has taken
 * it may have been killed. It keeps `overdue_after_ms` as the mark of that until `markStepsSent`.
 */
export const unsentForMs = 5_000;

// `skip locked` lets several orchestrators share the work. The release is what makes it running: whoever dies before the
// message is published leaves a step that is marked as unsent.
const text = `
with due as (
  select run_id, step_id, path from step_run
  where status = 'waiting' and waiting_for is null and due_at <= now()
  order by due_at limit $1 for update skip locked
)
update step_run s
set status = 'running', started_at = now(), due_at = now() + interval '${unsentForMs} ms'
from due d
where s.run_id = d.run_id and s.step_id = d.step_id and s.path = d.path
returning s.run_id as "runId", s.step_id as "stepId", s.path, s.version_id as "versionId", s.attempt`;

/** Begins the next attempt of step runs whose time has come, the longest due first, at most `limit` of them. */
export function releaseSteps(database: Database, limit: number): Promise<ReleasedStep[]> {
  return database.hot<ReleasedStep>({ name: 'release-steps', text, values: [limit] });
}
