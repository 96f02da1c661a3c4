import { hookRequestInput, requestIdOf, type RunId, type WorkspaceId } from '@millrace/contracts';
import {
  findRun,
  listRunRequests,
  listRuns,
  listStepRuns,
  type Database,
  type RunFilter,
  type RunRequestRow,
  type RunRow,
  type StepRunRow,
} from '@millrace/persistence';
import type { RequestFate, Run, StepRun } from './schemas.js';

type Manager = Database['dataSource']['manager'];

/** In a list, larger payloads are left out: a page of 100 runs stays a few megabytes at most. */
const maxListedPayloadBytes = 16 * 1024;
const maxPayloadBytes = 64 * 1024 * 1024;

/** A page of runs with their steps, newest first. */
export async function readRuns(
  manager: Manager,
  workspaceId: WorkspaceId,
  filter: RunFilter,
): Promise<{ items: Run[]; next: string | null }> {
  const page = await listRuns(manager, workspaceId, filter);
  return { items: await withSteps(manager, workspaceId, page.items, maxListedPayloadBytes), next: page.next };
}

/** One run with its steps and all their payloads; `undefined` when the workspace has none of that id. */
export async function readRun(manager: Manager, workspaceId: WorkspaceId, runId: RunId): Promise<Run | undefined> {
  const run = await findRun(manager, workspaceId, runId);
  return run && (await withSteps(manager, workspaceId, [run], maxPayloadBytes))[0];
}

/** A run as the fate of the request that began it. */
export function fateView(run: RunRow): RequestFate {
  return {
    id: run.id,
    requestId: requestIdOf(run.id),
    flowId: run.flowId,
    flowVersion: run.flowVersion,
    status: run.status,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}

async function withSteps(manager: Manager, workspaceId: WorkspaceId, runs: RunRow[], maxBytes: number): Promise<Run[]> {
  if (runs.length === 0) return [];
  const selection = { runIds: runs.map((run) => run.id), maxPayloadBytes: maxBytes };
  const [steps, requests] = await Promise.all([
    listStepRuns(manager, workspaceId, selection),
    listRunRequests(manager, workspaceId, selection),
  ]);
  const requestOf = new Map(requests.map((request) => [request.runId, request]));
  const stepsOf = new Map<RunId, StepRun[]>(runs.map((run) => [run.id, []]));
  for (const step of steps) stepsOf.get(step.runId)?.push(stepView(step, requestOf.get(step.runId)));
  return runs.map((run) => ({ ...fateView(run), steps: stepsOf.get(run.id) ?? [] }));
}

function stepView(step: StepRunRow, request: RunRequestRow | undefined): StepRun {
  const { input, elided } = inputOf(step, request);
  return {
    stepId: step.stepId,
    path: step.path,
    status: step.status,
    attempts: step.attempt,
    input,
    output: step.output,
    outputCount: step.outputCount,
    error: step.error,
    logs: (step.logs ?? []).map(({ time, ...entry }) => ({ ...entry, time: new Date(time).toISOString() })),
    elided: [...(elided ? (['input'] as const) : []), ...(step.outputElided ? (['output'] as const) : [])],
    componentVersion: step.componentVersion,
    startedAt: step.startedAt.toISOString(),
    finishedAt: step.finishedAt?.toISOString() ?? null,
  };
}

// The trigger's input is the request, which is stored once, with the run.
function inputOf(step: StepRunRow, request: RunRequestRow | undefined): { input: StepRun['input']; elided: boolean } {
  if (step.path !== '' || !request) return { input: step.input, elided: step.inputElided };
  if (!request.body) return { input: { ...request.request }, elided: true };
  return { input: hookRequestInput(request.request, request.body), elided: false };
}
