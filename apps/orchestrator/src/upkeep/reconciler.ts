import { queues, stepQueue, type Json, type StepPath } from '@millrace/contracts';
import { carryFor, type Plan, type PlanStep } from '@millrace/flow-model';
import {
  readStepRuns,
  takeOverdueSteps,
  type OverdueStep,
  type StepRunKey,
  type StepRunState,
} from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { dispatchAll, type Dispatch } from '../engine/dispatch.js';
import { triggerDispatch } from '../engine/triggers.js';

const batchSize = 200;
const certainlyLostAfterMs = 3_600_000;

/**
 * Publishes again what is overdue and has no result, as after a broker that lost its disk. A step whose message still
 * waits in a queue isn't lost: while its component's queue or the queue of results holds messages, only steps older
 * than an hour go out again. Resolves how many were dispatched.
 */
export async function reconcile(deps: EngineDeps): Promise<number> {
  const overdue = await takeOverdueSteps(deps.database, { limit: batchSize, againInMs: deps.overdueGraceMs });
  if (overdue.length === 0) return 0;
  const backlog = backlogReader(deps);
  const dispatches: Dispatch[] = [];
  for (const row of overdue) {
    const plan = await deps.plans.find(row.versionId);
    const step = plan?.step(row.stepId);
    if (!plan || !step) continue;
    const waiting = (await backlog(stepQueue(step.component))) + (await backlog(queues.results));
    if (waiting > 0 && row.ageMs < certainlyLostAfterMs) continue;
    dispatches.push(await rebuild(deps, plan, step, row));
  }
  if (dispatches.length > 0)
    deps.logger.warn({ count: dispatches.length }, 'steps were overdue and are dispatched again');
  await dispatchAll(deps, dispatches);
  return dispatches.length;
}

function backlogReader(deps: EngineDeps): (queue: string) => Promise<number> {
  const counts = new Map<string, number>();
  return async (queue) => {
    const count = counts.get(queue) ?? (await deps.broker.messageCount(queue)) ?? 0;
    counts.set(queue, count);
    return count;
  };
}

async function rebuild(deps: EngineDeps, plan: Plan, step: PlanStep, row: OverdueStep): Promise<Dispatch> {
  if (row.path === '') return { ...triggerDispatch(plan, row.runId, row.request, row.body), attempt: row.attempt };
  const known = await knownOutputs(deps, step, row);
  return {
    plan,
    step,
    runId: row.runId,
    path: row.path,
    attempt: row.attempt,
    input: row.input,
    carry: carryFor(step, known, row.request as unknown as Record<string, Json>),
  };
}

/** The outputs along the branch that led to the step, read from the rows of its ancestors. */
async function knownOutputs(deps: EngineDeps, step: PlanStep, row: OverdueStep): Promise<Record<string, Json>> {
  if (step.carries.steps.length === 0) return {};
  const indexes = row.path.split('.').map(Number);
  const keys: StepRunKey[] = step.ancestors.map((stepId, depth) => ({
    runId: row.runId,
    stepId,
    path: indexes.slice(0, depth).join('.') as StepPath,
  }));
  const states = await readStepRuns(deps.database, keys);
  const known: Record<string, Json> = {};
  step.ancestors.forEach((stepId, depth) => {
    const state = states.find((candidate) => candidate.stepId === stepId);
    if (state) known[stepId] = emission(state, indexes[depth] ?? 0);
  });
  return known;
}

function emission(state: StepRunState, index: number): Json {
  if (state.outputCount === 1) return state.output;
  return Array.isArray(state.output) ? (state.output[index] ?? null) : null;
}
