import type { FlowId, FlowVersionId, HookRequest, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { RunStatus } from './run-log.js';

// One statement, so that the note is there whenever the mark is.
const cancelText = `
with cancelled as (
  update run set status = 'cancelled', finished_at = now(), open_steps = 0
  where workspace_id = $1 and id = $2 and finished_at is null
  returning id, version_id, request
), noted as (
  insert into run_cancellation (run_id) select id from cancelled
)
select version_id as "versionId", request from cancelled`;

/** A run that was cancelled just now. */
export interface CancelledRun {
  versionId: FlowVersionId;
  request: HookRequest;
}

/**
 * Marks a run that has not ended as cancelled; `undefined` when there is none. The caller ends its step runs afterwards,
 * in another transaction: `endCancelledSteps`.
 */
export async function markCancelled(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  runId: RunId,
): Promise<CancelledRun | undefined> {
  return (await manager.query<CancelledRun[]>(cancelText, [workspaceId, runId]))[0];
}

/** What a run began with. */
export interface RunOrigin {
  flowId: FlowId;
  versionId: FlowVersionId;
  request: HookRequest;
  body: Buffer;
  /** Of the flow as it is now; `null` when none is published. */
  publishedVersionId: FlowVersionId | null;
  /** Whether the flow was deleted. */
  flowDeleted: boolean;
}

/** The request of a run and where its flow stands now; `undefined` when the workspace has none of that id. */
export async function findRunOrigin(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  runId: RunId,
): Promise<RunOrigin | undefined> {
  const [row] = await manager.query<RunOrigin[]>(
    `select r.flow_id as "flowId", r.version_id as "versionId", r.request, r.body,
            f.published_version_id as "publishedVersionId", f.id is null or f.deleted_at is not null as "flowDeleted"
     from run r left join flow f on f.id = r.flow_id and f.workspace_id = r.workspace_id
     where r.workspace_id = $1 and r.id = $2`,
    [workspaceId, runId],
  );
  return row;
}

/** A step run that failed, as a retry needs it. */
export interface FailedStepRow {
  stepId: StepId;
  path: StepPath;
  versionId: FlowVersionId;
  attempt: number;
  /** JSON text of a `StepError`; read as text, for Postgres cannot unescape all that it may hold. */
  error: string;
  /** Whether it never got an input, because its mapping or its condition failed. */
  unmapped: boolean;
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number;
}

/** Which failed step runs of a run: all, those of one step, or the one at a path. */
export interface FailedSteps {
  runId: RunId;
  stepId?: StepId | undefined;
  path?: StepPath | undefined;
  limit: number;
}

/** The step runs of a run that failed, in the order of their steps and paths. */
export function listFailedSteps(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { runId, stepId, path, limit }: FailedSteps,
): Promise<FailedStepRow[]> {
  return manager.query<FailedStepRow[]>(
    `select step_id as "stepId", path, version_id as "versionId", attempt, error::text as error,
            input is null and path <> '' as unmapped,
            (extract(epoch from started_at) * 1000)::float8 as "startedAt",
            (extract(epoch from coalesce(finished_at, started_at)) * 1000)::float8 as "finishedAt"
     from step_run
     where workspace_id = $1 and run_id = $2 and status = 'failed'
       -- What followed from the outputs of a step that emitted one by one is not done again.
       and coalesce(wait_emitted, 0) = 0
       and ($3::text is null or step_id = $3) and ($4::text is null or path = $4)
     order by step_id, path limit $5`,
    [workspaceId, runId, stepId ?? null, path ?? null, limit],
  );
}

/** A failed step run that is tried again. */
export interface ReopenedStep {
  stepId: StepId;
  path: StepPath;
  /** The attempt that failed; another one since, and nothing is reopened. */
  attempt: number;
  /** The version that it goes on with, and what follows it. */
  versionId: FlowVersionId;
  /** JSON text of its new input; `undefined` keeps the one it had. */
  input: string | undefined;
  /** JSON text of a `FailedAttempt`. */
  failure: string;
  /** How long after its release the reconciler may send it again. */
  overdueAfterMs: number;
}

export type Reopening =
  /** `left`: how many failed step runs the run still has. */
  | { outcome: 'reopened'; left: number }
  | { outcome: 'changed' | 'missing' }
  | { outcome: 'notFailed'; status: RunStatus };

const reopenText = `
update step_run s
set status = 'waiting', attempt = s.attempt + 1, retried_after = s.attempt, version_id = t.version_id,
    input = case when t.mapped then t.input else s.input end, output = null, output_count = null, error = null,
    finished_at = null, due_at = now(), overdue_after_ms = t.overdue_after_ms,
    waiting_for = null, wait = null, wait_deadline = null, wait_emitted = null,
    attempts = (coalesce(left(s.attempts::text, -1) || ',', '[') || t.failure || ']')::json
from unnest($3::text[], $4::text[], $5::int[], $6::uuid[], $7::boolean[], $8::json[], $9::text[], $10::int[])
  as t (step_id, path, attempt, version_id, mapped, input, failure, overdue_after_ms)
where s.workspace_id = $1 and s.run_id = $2 and s.step_id = t.step_id and s.path = t.path
  and s.status = 'failed' and s.attempt = t.attempt`;

/**
 * Gives failed step runs of a failed run their next attempt, which the orchestrator begins, and the run its way back to
 * `running`. Call it in a transaction, and roll that back unless it resolves `reopened`. The run is locked first: it has ended,
 * so nothing but another retry moves it.
 */
export async function reopenSteps(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { runId, steps }: { runId: RunId; steps: ReopenedStep[] },
): Promise<Reopening> {
  const [run] = await manager.query<{ status: RunStatus }[]>(
    'select status from run where workspace_id = $1 and id = $2 for update',
    [workspaceId, runId],
  );
  if (!run) return { outcome: 'missing' };
  if (run.status !== 'failed') return { outcome: 'notFailed', status: run.status };
  const [, reopened] = await manager.query<[unknown[], number]>(reopenText, [
    workspaceId,
    runId,
    steps.map((step) => step.stepId),
    steps.map((step) => step.path),
    steps.map((step) => step.attempt),
    steps.map((step) => step.versionId),
    steps.map((step) => step.input !== undefined),
    steps.map((step) => step.input ?? null),
    steps.map((step) => step.failure),
    steps.map((step) => step.overdueAfterMs),
  ]);
  if (reopened !== steps.length) return { outcome: 'changed' };
  const [[counted]] = await manager.query<[{ left: number }[], number]>(
    `update run set status = 'running', finished_at = null, failed_steps = failed_steps - $3, open_steps = open_steps + $3
     where workspace_id = $1 and id = $2
     returning failed_steps as left`,
    [workspaceId, runId, steps.length],
  );
  return { outcome: 'reopened', left: counted?.left ?? 0 };
}
