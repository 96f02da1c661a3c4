import type { FlowVersionId, HookRequest, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { PayloadPart } from './listed-steps.js';

/** One step run, by what its run, its step and its path are. */
export interface StepRunPlace {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
}

/** A payload of a step run as JSON text. */
export interface StepPayloadRow {
  versionId: FlowVersionId;
  /** `null` when the step run has none (yet). */
  text: string | null;
  outputCount: number | null;
}

/** One payload of a step run, whole; `undefined` when the workspace has no such step run. */
export async function readStepPayload(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { runId, stepId, path, part }: StepRunPlace & { part: PayloadPart | 'error' },
): Promise<StepPayloadRow | undefined> {
  const [row] = await manager.query<StepPayloadRow[]>(
    `select version_id as "versionId", ${part}::text as text, output_count as "outputCount" from step_run
     where workspace_id = $1 and run_id = $2 and step_id = $3 and path = $4`,
    [workspaceId, runId, stepId, path],
  );
  return row;
}

/** The request of a run as it is kept; `undefined` when the workspace has no such run. */
export async function readRunRequest(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  runId: RunId,
): Promise<{ request: HookRequest; body: Buffer } | undefined> {
  const [row] = await manager.query<{ request: HookRequest; body: Buffer }[]>(
    'select request, body from run where workspace_id = $1 and id = $2',
    [workspaceId, runId],
  );
  return row;
}
