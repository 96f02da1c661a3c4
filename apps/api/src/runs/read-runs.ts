import {
  type FlowId,
  hookRequestInput,
  isJsonObject,
  isPollRequest,
  type JsonObject,
  parseId,
  readPoll,
  requestIdOf,
  type RunId,
  type WorkspaceId,
} from '@millrace/contracts';
import {
  findRun,
  listRunRequests,
  listRuns,
  listStepRuns,
  listSteps,
  type Database,
  type ListedStepRow,
  type ParkedWhole,
  type RejectionRow,
  type RunFilter,
  type RunRequestRow,
  type RunRow,
  type StepRunRow,
} from '@millrace/persistence';
import type { RequestFate, Run, StepRun } from './schemas.js';

type Manager = Database['dataSource']['manager'];

/** What a list shows of each run; the whole is read run by run. */
const maxListedSteps = 50;
const maxListedPayloadBytes = 16 * 1024;
/** Of the payloads of all steps of a page together, so that a page of 100 runs stays a few megabytes at most. */
const maxPageBytes = 2 * 1024 * 1024;
const maxPayloadBytes = 64 * 1024 * 1024;

/** A page of runs with their steps, newest first. */
export async function readRuns(
  manager: Manager,
  workspaceId: WorkspaceId,
  filter: RunFilter,
): Promise<{ items: Run[]; next: string | null }> {
  const { items: runs, next } = await listRuns(manager, workspaceId, filter);
  if (runs.length === 0) return { items: [], next };
  const runIds = runs.map((run) => run.id);
  const bounds = { runIds, maxPayloadBytes: maxListedPayloadBytes };
  const [steps, requests] = await Promise.all([
    listSteps(manager, workspaceId, { ...bounds, maxPageBytes, maxStepsPerRun: maxListedSteps }),
    listRunRequests(manager, workspaceId, bounds),
  ]);
  return { items: runViews(runs, steps, requests), next };
}

/** One run with its steps and all their payloads; `undefined` when the workspace has none of that id. */
export async function readRun(manager: Manager, workspaceId: WorkspaceId, runId: RunId): Promise<Run | undefined> {
  const run = await findRun(manager, workspaceId, runId);
  if (!run) return undefined;
  const selection = { runIds: [run.id], maxPayloadBytes };
  const [steps, requests] = await Promise.all([
    listStepRuns(manager, workspaceId, selection),
    listRunRequests(manager, workspaceId, selection),
  ]);
  return runViews([run], steps, requests)[0];
}

/** A run as the fate of the request that began it. */
export function fateView(run: RunRow): RequestFate {
  return { ...fields(run), reason: null, message: null };
}

/** The fate of an accepted request of which no run could begin. */
export function parkedFateView(id: RunId, { headers, reason, parkedAt }: ParkedWhole): RequestFate {
  const { flowId, receivedAt } = triggerOf(headers);
  const started = typeof receivedAt === 'number' ? new Date(receivedAt) : parkedAt;
  return {
    id,
    requestId: requestIdOf(id),
    flowId: (typeof flowId === 'string' ? parseId<FlowId>(flowId) : undefined) ?? null,
    flowVersion: null,
    status: 'parked',
    duplicateOf: null,
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

function fields(run: RunRow): Omit<Run, 'steps' | 'stepsLeftOut'> {
  return {
    id: run.id,
    requestId: requestIdOf(run.id),
    flowId: run.flowId,
    flowVersion: run.flowVersion,
    status: run.status,
    duplicateOf: run.duplicateOf,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}

function runViews(runs: RunRow[], steps: (StepRunRow & Partial<ListedStepRow>)[], requests: RunRequestRow[]): Run[] {
  const requestOf = new Map(requests.map((request) => [request.runId, request]));
  const stepsOf = new Map<RunId, StepRun[]>(runs.map((run) => [run.id, []]));
  const countOf = new Map(steps.map((step) => [step.runId, step.stepCount]));
  for (const step of steps) stepsOf.get(step.runId)?.push(stepView(step, requestOf.get(step.runId)));
  return runs.map((run) => {
    const shown = stepsOf.get(run.id) ?? [];
    return { ...fields(run), steps: shown, stepsLeftOut: (countOf.get(run.id) ?? shown.length) - shown.length };
  });
}

function stepView(step: StepRunRow & Partial<ListedStepRow>, request: RunRequestRow | undefined): StepRun {
  const { input, elided } = inputOf(step, request);
  return {
    stepId: step.stepId,
    path: step.path,
    status: step.status,
    // A step that waits holds the number of the attempt that it waits for.
    attempts: step.status === 'waiting' ? step.attempt - 1 : step.attempt,
    attemptErrors: (step.attempts ?? []).map(({ attempt, error, startedAt, finishedAt }) => ({
      attempt,
      error,
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(finishedAt).toISOString(),
    })),
    nextAttemptAt: step.nextAttemptAt?.toISOString() ?? null,
    input,
    output: step.output,
    outputCount: step.outputCount,
    error: step.error,
    logs: (step.logs ?? []).map(({ time, ...entry }) => ({ ...entry, time: new Date(time).toISOString() })),
    elided: [
      ...(elided ? (['input'] as const) : []),
      ...(step.outputElided ? (['output'] as const) : []),
      ...(step.logsElided ? (['logs'] as const) : []),
      ...(step.attemptsElided ? (['attemptErrors'] as const) : []),
    ],
    componentVersion: step.componentVersion,
    startedAt: step.startedAt.toISOString(),
    finishedAt: step.finishedAt?.toISOString() ?? null,
  };
}

// The trigger's input is the request, or the poll in its place, which is stored once, with the run.
function inputOf(step: StepRunRow, request: RunRequestRow | undefined): { input: StepRun['input']; elided: boolean } {
  if (step.path !== '' || !request) return { input: step.input, elided: step.inputElided };
  if (!request.body) return { input: { ...request.request }, elided: true };
  if (isPollRequest(request.request)) return { input: { ...readPoll(request.body) }, elided: false };
  return { input: hookRequestInput(request.request, request.body), elided: false };
}
