import type { Database } from '../database.js';
import type { StepRunKey } from './read-step-runs.js';

/** An attempt that failed and is followed by another one. */
export interface PostponedStep extends StepRunKey {
  /** The attempt that failed. */
  attempt: number;
  /** JSON text of a `FailedAttempt`. */
  failure: string;
  /** JSON text. */
  logs: string | null;
  componentVersion: string | null;
  /** How long until the next attempt. */
  inMs: number;
  /** How long after its release the reconciler may send the next attempt again. */
  overdueAfterMs: number;
}

// Compare-and-set on status and attempt: a redelivered result, or one of an earlier attempt, changes nothing. The run is
// not touched: the step run stays open. The list is put together as text, for json has no operator for it.
const text = `
update step_run s
set status = 'waiting', attempt = s.attempt + 1, due_at = now() + make_interval(secs => t.in_ms / 1000.0),
    overdue_after_ms = t.overdue_after_ms, logs = t.logs, component_version = t.component_version,
    attempts = (coalesce(left(s.attempts::text, -1) || ',', '[') || t.failure || ']')::json
from unnest(
  $1::int[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::json[], $8::text[], $9::float8[], $10::int[]
) as t (position, run_id, step_id, path, attempt, failure, logs, component_version, in_ms, overdue_after_ms)
where s.run_id = t.run_id and s.step_id = t.step_id and s.path = t.path
  and s.status = 'running' and s.attempt = t.attempt
returning t.position`;

/**
 * Puts step runs whose attempt failed off to their next attempt, which `releaseSteps` begins. Resolves the indexes of
 * those that took effect; the others had been settled before, or are unknown. Safe to repeat.
 */
export async function postponeSteps(database: Database, steps: PostponedStep[]): Promise<Set<number>> {
  const rows = await database.hot<{ position: number }>({
    name: 'postpone-steps',
    text,
    values: [
      steps.map((_, position) => position),
      steps.map((step) => step.runId),
      steps.map((step) => step.stepId),
      steps.map((step) => step.path),
      steps.map((step) => step.attempt),
      steps.map((step) => step.failure),
      steps.map((step) => step.logs),
      steps.map((step) => step.componentVersion),
      steps.map((step) => step.inMs),
      steps.map((step) => step.overdueAfterMs),
    ],
  });
  return new Set(rows.map(({ position }) => position));
}
