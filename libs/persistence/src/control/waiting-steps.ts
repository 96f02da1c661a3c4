import type { FlowVersionId, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

export interface WaitingStepRow {
  path: StepPath;
  versionId: FlowVersionId;
  waitsUntil: Date;
}

/** The step run of a step that waits for a call of its resume URL; of several without a `path` the first that began. */
export async function findWaitingStep(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { runId, stepId, path }: { runId: RunId; stepId: StepId; path?: string | undefined },
): Promise<WaitingStepRow | undefined> {
  const [row] = await manager.query<WaitingStepRow[]>(
    `select path, version_id as "versionId", wait_deadline as "waitsUntil" from step_run
     where workspace_id = $1 and run_id = $2 and step_id = $3 and ($4::text is null or path = $4)
       and status = 'waiting' and waiting_for = 'resume'
     order by started_at, path limit 1`,
    [workspaceId, runId, stepId, path ?? null],
  );
  return row;
}
