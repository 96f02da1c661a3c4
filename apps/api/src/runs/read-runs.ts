import {
  type FlowId,
  isJsonObject,
  type JsonObject,
  parseId,
  requestIdOf,
  type RunId,
  type WorkspaceId,
} from '@millrace/contracts';
import {
  findRun,
  listRunRequests,
  listRuns,
  listSteps,
  type Database,
  type ListedSteps,
  type ParkedWhole,
  type RejectionRow,
  type RunFilter,
  type RunRow,
} from '@millrace/persistence';
import type { RequestFate, Run, RunSummary, StepRun } from './schemas.js';
import type { StepMasks } from './step-masks.js';
import { stepView } from './step-view.js';

interface Deps {
  database: Database;
  stepMasks: StepMasks;
}

type Bounds = Omit<ListedSteps, 'runIds'>;

/** What a list shows of each run; the whole is read run by run. A page of 100 runs stays a few megabytes at most. */
const listed: Bounds = { maxStepsPerRun: 50, maxPayloadBytes: 16 * 1024, maxPageBytes: 2 * 1024 * 1024 };

/** What a list without payloads shows of each run. */
const outlined: Bounds = { ...listed, maxPayloadBytes: 0, maxPageBytes: 0 };

/** What a run shows of itself: all its steps, and payloads as far as an answer may hold them. */
const whole: Bounds = {
  maxStepsPerRun: 1_000_000,
  maxPayloadBytes: 16 * 1024 * 1024,
  maxPageBytes: 64 * 1024 * 1024,
};

/** A page of runs with their steps, newest first; `truncated` when the search stopped early and is to go on. */
export async function readRuns(
  deps: Deps,
  workspaceId: WorkspaceId,
  { payloads, ...filter }: RunFilter & { payloads: 'some' | 'none' },
): Promise<{ items: Run[]; next: string | null; truncated: boolean }> {
  const page = await listRuns(deps.database.dataSource.manager, workspaceId, filter);
  return { ...page, items: await withSteps(deps, workspaceId, page.items, payloads === 'none' ? outlined : listed) };
}

/** One run with its steps and their payloads; `undefined` when the workspace has none of that id. */
export async function readRun(deps: Deps, workspaceId: WorkspaceId, runId: RunId): Promise<Run | undefined> {
  const run = await findRun(deps.database.dataSource.manager, workspaceId, runId);
  return run && (await withSteps(deps, workspaceId, [run], whole))[0];
}

async function withSteps(deps: Deps, workspaceId: WorkspaceId, runs: RunRow[], bounds: Bounds): Promise<Run[]> {
  if (runs.length === 0) return [];
  const { manager } = deps.database.dataSource;
  const selection = { ...bounds, runIds: runs.map((run) => run.id) };
  const [steps, requests] = await Promise.all([
    listSteps(manager, workspaceId, selection),
    bounds === outlined ? [] : listRunRequests(manager, workspaceId, selection),
  ]);
  // A step that was retried may be of another version than its run.
  const versionIds = steps.map((step) => step.versionId);
  const maskOf = await deps.stepMasks.find(workspaceId, versionIds);
  const requestOf = new Map(requests.map((request) => [request.runId, request]));
  const stepsOf = new Map<RunId, StepRun[]>(runs.map((run) => [run.id, []]));
  const countOf = new Map(steps.map((step) => [step.runId, step.stepCount]));
  for (const step of steps) {
    stepsOf.get(step.runId)?.push(stepView(step, requestOf.get(step.runId), maskOf(step.versionId, step.stepId)));
  }
  return runs.map((run) => {
    const shown = stepsOf.get(run.id) ?? [];
    return { ...summaryView(run), steps: shown, stepsLeftOut: (countOf.get(run.id) ?? shown.length) - shown.length };
  });
}

/** A run as the fate of the request that began it. */
export function fateView(run: RunRow): RequestFate {
  return { ...summaryView(run), reason: null, message: null };
}

/** The fate of an accepted request of which no run could begin. */
export function parkedFateView(id: RunId, { headers, reason, parkedAt }: ParkedWhole): RequestFate {
  const { flowId, receivedAt, replayOf } = triggerOf(headers);
  const started = typeof receivedAt === 'number' ? new Date(receivedAt) : parkedAt;
  return {
    id,
    requestId: requestIdOf(id),
    flowId: (typeof flowId === 'string' ? parseId<FlowId>(flowId) : undefined) ?? null,
    flowVersion: null,
    status: 'parked',
    duplicateOf: null,
    replayOf: (typeof replayOf === 'string' ? parseId<RunId>(replayOf) : undefined) ?? null,
    reason,
    message: null,
    startedAt: (Number.isNaN(started.getTime()) ? parkedAt : started).toISOString(),
    finishedAt: null,
  };
}

/** The fate of a request that was refused. */
export function rejectedFateView(rejection: RejectionRow): RequestFate {
  const { id, flowId, reason, message } = rejection;
  const receivedAt = rejection.receivedAt.toISOString();
  return {
    id,
    requestId: requestIdOf(id),
    flowId,
    flowVersion: null,
    status: 'rejected',
    duplicateOf: null,
    replayOf: null,
    reason,
    message,
    startedAt: receivedAt,
    finishedAt: receivedAt,
  };
}

/** What can be read of the trigger in a message that was parked, perhaps because it cannot be read. */
function triggerOf({ trigger: text }: JsonObject): JsonObject {
  if (typeof text !== 'string') return {};
  try {
    const trigger: unknown = JSON.parse(text);
    return isJsonObject(trigger) ? trigger : {};
  } catch {
    return {};
  }
}

/** A run without its steps. */
export function summaryView(run: RunRow): RunSummary {
  return {
    id: run.id,
    requestId: requestIdOf(run.id),
    flowId: run.flowId,
    flowVersion: run.flowVersion,
    status: run.status,
    duplicateOf: run.duplicateOf,
    replayOf: run.replayOf,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}
