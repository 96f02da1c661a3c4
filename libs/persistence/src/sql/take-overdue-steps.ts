import type { FlowId, FlowVersionId, Json, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import type { HookRequest } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A step run that is `running` past its time: its message, or the result of it, may be lost. */
export interface OverdueStep {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  attempt: number;
  input: Json;
  request: HookRequest;
  /** Only for the trigger step; empty otherwise. */
  body: Buffer;
  /** Milliseconds since it was opened. */
  ageMs: number;
}

// `skip locked` lets several orchestrators share the work. The next due time doubles with the age, so that a step
// whose component is away for long is published again ever more rarely, but for ever.
const text = `
with overdue as (
  select run_id, step_id, path from step_run
  where status = 'running' and due_at < now()
  order by due_at limit $1 for update skip locked
), postponed as (
  update step_run s
  set due_at = now() + least(greatest(make_interval(secs => $2 / 1000.0), now() - s.started_at), interval '1 hour')
  from overdue o
  where s.run_id = o.run_id and s.step_id = o.step_id and s.path = o.path
  returning s.*
)
select p.run_id as "runId", p.step_id as "stepId", p.path, p.workspace_id as "workspaceId", p.flow_id as "flowId",
       p.version_id as "versionId", p.attempt, p.input, r.request,
       case when p.path = '' then r.body else ''::bytea end as body,
       (extract(epoch from now() - p.started_at) * 1000)::float8 as "ageMs"
from postponed p join run r on r.id = p.run_id`;

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
