import type { ResumeWait } from '@millrace/contracts';
import type { Database } from '../database.js';
import { pathWithin } from './path-within.js';
import type { StepRunKey } from './read-step-runs.js';

/** A step run that begins to wait for a call of its resume URL. */
export interface SuspendedStep extends StepRunKey {
  attempt: number;
  wait: ResumeWait;
  /** JSON text. */
  logs: string | null;
  componentVersion: string | null;
}

// Whoever keeps a call locks the row of its run, too. So either the call is there when the second statement looks, or the
// step is seen to wait when the call is kept.
const lockText = `select id from run where id = any ($1::uuid[]) order by id for update`;

const text = `
with won as (
  update step_run s
  set status = 'waiting', waiting_for = 'resume', wait = coalesce(s.wait, t.wait), wait_deadline = t.deadline,
      wait_emitted = coalesce(s.wait_emitted, 0), logs = t.logs, component_version = t.component_version,
      due_at = case when t.called then now() else t.deadline end
  from (
    select u.*, coalesce(p.wait_deadline, now() + make_interval(secs => u.timeout_ms / 1000.0)) as deadline,
           exists (
             select from resume r
             where r.run_id = u.run_id and r.step_id = u.step_id and ${pathWithin('u.path', 'r.path')}
           ) as called
    from unnest(
      $1::int[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::json[], $7::float8[], $8::json[], $9::text[]
    ) as u (position, run_id, step_id, path, attempt, wait, timeout_ms, logs, component_version)
    join step_run p on p.run_id = u.run_id and p.step_id = u.step_id and p.path = u.path
  ) t
  where s.run_id = t.run_id and s.step_id = t.step_id and s.path = t.path
    and s.status = 'running' and s.attempt = t.attempt
  returning t.position, s.run_id
), stopped as (
  update run set status = 'waiting'
  where id in (select run_id from won) and status = 'running' and finished_at is null
)
select position from won`;

/**
 * Lets step runs wait for a call of their resume URL; their runs wait with them. One that waited before goes on to wait
 * until its first deadline. Resolves the indexes of those that took effect; the others wait already, have ended, or are
 * unknown. Safe to repeat.
 */
export async function suspendSteps(database: Database, steps: SuspendedStep[]): Promise<Set<number>> {
  const rows = await database.dataSource.transaction(async (manager) => {
    await manager.query(lockText, [steps.map((step) => step.runId)]);
    return manager.query<{ position: number }[]>(text, [
      steps.map((_, position) => position),
      steps.map((step) => step.runId),
      steps.map((step) => step.stepId),
      steps.map((step) => step.path),
      steps.map((step) => step.attempt),
      steps.map((step) => JSON.stringify(step.wait)),
      steps.map((step) => step.wait.timeoutMs),
      steps.map((step) => step.logs),
      steps.map((step) => step.componentVersion),
    ]);
  });
  return new Set(rows.map(({ position }) => position));
}
