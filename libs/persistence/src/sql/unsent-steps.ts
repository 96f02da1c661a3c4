import type { FlowVersionId } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { StepRunKey } from './read-step-runs.js';
import { unsentForMs } from './release-steps.js';

type AttemptKey = StepRunKey & { attempt: number };

// Those that have ended meanwhile stay as they are.
const ofUnsent = (change: string): string => `
update step_run s
set ${change}
from unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) as t (run_id, step_id, path, attempt)
where s.run_id = t.run_id and s.step_id = t.step_id and s.path = t.path
  and s.status = 'running' and s.attempt = t.attempt and s.overdue_after_ms is not null`;

const markText = ofUnsent(
  'due_at = now() + make_interval(secs => s.overdue_after_ms / 1000.0), overdue_after_ms = null',
);
const keepText = ofUnsent(`due_at = now() + interval '${unsentForMs} ms'`);

/** Notes that the broker has confirmed the messages of step runs. */
export async function markStepsSent(database: Database, steps: readonly AttemptKey[]): Promise<void> {
  await database.hot({ name: 'mark-steps-sent', text: markText, values: keyColumns(steps) });
}

/** Says that somebody is still about to send the messages of step runs: nobody else takes them for `unsentForMs` more. */
export async function keepUnsentSteps(database: Database, steps: readonly AttemptKey[]): Promise<void> {
  await database.hot({ name: 'keep-unsent-steps', text: keepText, values: keyColumns(steps) });
}

function keyColumns(steps: readonly AttemptKey[]): unknown[] {
  return [
    steps.map((step) => step.runId),
    steps.map((step) => step.stepId),
    steps.map((step) => step.path),
    steps.map((step) => step.attempt),
  ];
}

/** A step run that is `running`, and whose message may never have been sent. */
export interface UnsentStep extends StepRunKey {
  versionId: FlowVersionId;
  attempt: number;
}

// The index of all that is due: what is due and not marked is little, for the reconciler puts it off.
const takeText = `
with unsent as (
  select run_id, step_id, path from step_run
  where status = 'running' and due_at < now() and overdue_after_ms is not null
  order by due_at limit $1 for update skip locked
)
update step_run s
set due_at = now() + interval '${unsentForMs} ms'
from unsent u
where s.run_id = u.run_id and s.step_id = u.step_id and s.path = u.path
returning s.run_id as "runId", s.step_id as "stepId", s.path, s.version_id as "versionId", s.attempt`;

/** Takes step runs that somebody has made running and not sent in time, as one that was killed between. At most `limit`. */
export function takeUnsentSteps(database: Database, limit: number): Promise<UnsentStep[]> {
  return database.hot<UnsentStep>({ name: 'take-unsent-steps', text: takeText, values: [limit] });
}
