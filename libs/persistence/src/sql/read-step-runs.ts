import type { FlowId, FlowVersionId, Json, RunId, StepError, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';

export interface StepRunKey {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
}

export interface StepRunState extends StepRunKey {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  status: string;
  attempt: number;
  input: Json;
  output: Json;
  outputCount: number | null;
  /** Of one that still runs: why it can never be sent. */
  error: StepError | null;
  /** How many attempts there were when a person had it tried again; `null` when nobody has. */
  retriedAfter: number | null;
}

const text = `
select s.run_id as "runId", s.step_id as "stepId", s.path, s.workspace_id as "workspaceId", s.flow_id as "flowId",
       s.version_id as "versionId", s.status, s.attempt, s.input, s.output, s.output_count as "outputCount", s.error,
       s.retried_after as "retriedAfter"
from unnest($1::uuid[], $2::text[], $3::text[]) as t (run_id, step_id, path)
join step_run s on s.run_id = t.run_id and s.step_id = t.step_id and s.path = t.path`;

/** The present state of step runs; unknown ones are missing from the answer, whose order is free. */
export function readStepRuns(database: Database, keys: StepRunKey[]): Promise<StepRunState[]> {
  return database.hot<StepRunState>({
    name: 'read-step-runs',
    text,
    values: [keys.map((key) => key.runId), keys.map((key) => key.stepId), keys.map((key) => key.path)],
  });
}
