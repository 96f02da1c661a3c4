import type { FlowVersionId } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { StepRunKey } from './read-step-runs.js';

/** A step run that is `running` past its time: its message, or the result of it, may be lost. */
export interface OverdueStep extends StepRunKey {
  versionId: FlowVersionId;
  attempt: number;
  /** Milliseconds since it was opened. */
  ageMs: number;
}

// `skip locked` lets several orchestrators share the work. The next due time doubles with the age, so that a step
// whose component is away for long is looked at ever more rarely, but for ever. Inputs stay where they are: most of
// these steps only wait. What is not known to be sent is taken by `takeUnsentSteps`.
const text = `
with overdue as (
  select run_id, step_id, path from step_run
  where status = 'running' and due_at < now() and overdue_after_ms is null
  order by due_at limit $1 for update skip locked
)
update step_run s
set due_at = now() + least(greatest(make_interval(secs => $2 / 1000.0), now() - s.started_at), interval '1 day')
from overdue o
where s.run_id = o.run_id and s.step_id = o.step_id and s.path = o.path
returning s.run_id as "runId", s.step_id as "stepId", s.path, s.version_id as "versionId", s.attempt,
          (extract(epoch from now() - s.started_at) * 1000)::float8 as "ageMs"`;

/**
 * Takes step runs that are overdue and puts their next due time off by at least `againInMs`. A caller that dies
 * before it published loses nothing: they fall due again.
 */
export function takeOverdueSteps(
  database: Database,
  options: { limit: number; againInMs: number },
): Promise<OverdueStep[]> {
  return database.hot<OverdueStep>({ name: 'take-overdue-steps', text, values: [options.limit, options.againInMs] });
}
