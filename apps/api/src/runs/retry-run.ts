import type { FlowVersionId, RunId, StepError, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import type { PlanStep } from '@millrace/flow-model';
import {
  announceChange,
  failedAttempt,
  findRun,
  flowRepository,
  listFailedSteps,
  recountHourOf,
  reopenSteps,
  type FailedStepRow,
  type Reopening,
  type ReopenedStep,
  type RunStatus,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import type { Within } from './cancel-run.js';
import { mapInputs, type InputFault, type UnmappedStepRun } from './map-inputs.js';
import type { CompiledVersion } from './plans.js';

export interface RetryOrder {
  runId: RunId;
  /** Only where this step failed, at all paths or at one. */
  fromStep?: StepId | undefined;
  path?: StepPath | undefined;
  /** `current`: go on with the version that is published now. */
  version: 'same' | 'current';
}

export type Retry =
  /** `left`: how many failed step runs stay as they are. */
  | { outcome: 'retried'; retried: number; left: number }
  | { outcome: 'notFailed'; status: RunStatus }
  | { outcome: 'missing' | 'stepNotFailed' | 'flowDeleted' | 'notPublished' | 'changed' | 'sandboxUnavailable' }
  | { outcome: 'flowChanged'; stepId: StepId; missing: boolean }
  | { outcome: 'conditionNotTrue'; stepId: StepId; path: StepPath }
  | { outcome: 'unmappable'; faults: InputFault[] };

type Deps = Pick<ApiDeps, 'database' | 'plans' | 'mappings' | 'resumeUrls' | 'logger'>;

/** Of one run at a time, so that a split into very many outputs stays a matter of seconds and megabytes. */
export const maxRetriedSteps = 10_000;
const maxTries = 3;
/** As the orchestrator's default. From then on its own setting decides. */
const overdueGraceMs = 60_000;

/**
 * Gives failed steps of a failed run a new attempt, with all the attempts that their policy grants. One that never got an
 * input, or goes on with another version, is mapped anew first: where that fails nothing is changed. The orchestrator
 * begins the attempts; the outcome `retried` is durable.
 */
export async function retryRun(
  deps: Deps,
  workspaceId: WorkspaceId,
  order: RetryOrder,
  within?: Within,
): Promise<Retry> {
  for (let tries = 1; ; tries += 1) {
    const retry = await tryOnce(deps, workspaceId, order, within);
    // Another retry of it began and ended meanwhile.
    if (retry.outcome !== 'changed' || tries === maxTries) return retry;
  }
}

async function tryOnce(deps: Deps, workspaceId: WorkspaceId, order: RetryOrder, within?: Within): Promise<Retry> {
  const { runId, fromStep: stepId, path } = order;
  const { manager } = deps.database.dataSource;
  const run = await findRun(manager, workspaceId, runId);
  if (!run) return { outcome: 'missing' };
  if (run.status !== 'failed') return { outcome: 'notFailed', status: run.status };
  const failed = await listFailedSteps(manager, workspaceId, { runId, stepId, path, limit: maxRetriedSteps });
  if (failed.length === 0) return { outcome: stepId === undefined ? 'changed' : 'stepNotFailed' };
  let target: FlowVersionId | undefined;
  if (order.version === 'current') {
    const flow = await flowRepository(manager).find(workspaceId, run.flowId);
    if (!flow) return { outcome: 'flowDeleted' };
    if (!flow.publishedVersionId) return { outcome: 'notPublished' };
    target = flow.publishedVersionId;
  }
  const steps: RetriedStep[] = [];
  for (const row of failed) {
    const step = await retriedStep(deps, workspaceId, row, target);
    if ('outcome' in step) return step;
    steps.push(step);
  }
  const unmapped = steps.filter(({ needsInput }) => needsInput);
  const mapped = await mapInputs(deps, runId, unmapped);
  if (mapped.outcome !== 'mapped') return mapped;
  // What would take too much memory at once is left, like what is beyond the number.
  const ready = steps.filter((step) => !step.needsInput || mapped.inputs.has(step));
  return reopen(deps, workspaceId, {
    runId,
    steps: ready.map((step) => reopenedStep(step, mapped.inputs.get(step))),
    within,
  });
}

interface RetriedStep extends UnmappedStepRun {
  row: FailedStepRow;
  error: StepError;
  needsInput: boolean;
}

/** A failed step run in the version that it goes on with. */
async function retriedStep(
  { plans }: Deps,
  workspaceId: WorkspaceId,
  row: FailedStepRow,
  target: FlowVersionId | undefined,
): Promise<RetriedStep | Extract<Retry, { outcome: 'flowChanged' }>> {
  const { stepId, path, versionId } = row;
  const own = await plans.find(workspaceId, versionId);
  const version = target === undefined || target === versionId ? own : await plans.find(workspaceId, target);
  const [before, step] = [stepIn(own, stepId), stepIn(version, stepId)];
  if (!version || !step) return { outcome: 'flowChanged', stepId, missing: true };
  if (before && before.ancestors.join() !== step.ancestors.join()) {
    return { outcome: 'flowChanged', stepId, missing: false };
  }
  const error = JSON.parse(row.error) as StepError;
  return {
    row,
    error,
    path,
    version,
    step,
    needsInput: path !== '' && (row.unmapped || version !== own),
    needsDecision: row.unmapped && error.code === 'condition_failed',
  };
}

function stepIn(version: CompiledVersion | undefined, stepId: StepId): PlanStep | undefined {
  return version?.plan.step(stepId);
}

function reopenedStep({ row, error, version, step }: RetriedStep, input: string | undefined): ReopenedStep {
  const { stepId, path, attempt, startedAt, finishedAt } = row;
  return {
    stepId,
    path,
    attempt,
    versionId: version.plan.versionId,
    input,
    failure: JSON.stringify(failedAttempt({ attempt, startedAt, finishedAt, error })),
    overdueAfterMs: step.timeoutMs + overdueGraceMs,
  };
}

class NotReopened extends Error {
  constructor(readonly reopening: Exclude<Reopening, { outcome: 'reopened' }>) {
    super(reopening.outcome);
  }
}

async function reopen(
  { database }: Deps,
  workspaceId: WorkspaceId,
  { runId, steps, within }: { runId: RunId; steps: ReopenedStep[]; within: Within | undefined },
): Promise<Retry> {
  try {
    return await database.dataSource.transaction(async (manager): Promise<Retry> => {
      const reopening = await reopenSteps(manager, workspaceId, { runId, steps });
      // Some of them may have been reopened: the transaction must not be committed.
      if (reopening.outcome !== 'reopened') throw new NotReopened(reopening);
      await within?.(manager);
      await recountHourOf(manager, workspaceId, runId);
      await announceChange(manager, workspaceId, { type: 'run', flowId: null, id: runId });
      return { outcome: 'retried', retried: steps.length, left: reopening.left };
    });
  } catch (error) {
    if (error instanceof NotReopened) return error.reopening;
    throw error;
  }
}
