/*
 * A result may be followed by a hundred thousand steps. What is made of each for Postgres and for the broker is many times
 * what it is itself, so it is made in portions: rows within the one transaction that settles the result, messages after
 * it. Killed between, the rows are all there or none, and whoever gets the result again sends those that are left.
 */
import {
  settleManySteps,
  settleSteps,
  type AlsoWritten,
  type OpenedStep,
  type SettledSteps,
  type StepSettlement,
} from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { dueInMs, type Dispatch } from './dispatch.js';
import type { Settled } from './follow.js';

/** Up to so many step runs are opened by the statement that settles their results. */
const openedAtOnce = 2_000;
const openedBytesAtOnce = 8 * 1024 * 1024;

/** Settles results and opens what follows from them, in one transaction, with what is written `also`. Safe to repeat. */
export function settleAndOpen(
  deps: EngineDeps,
  settlements: StepSettlement[],
  settled: Settled[],
  also?: AlsoWritten,
): Promise<SettledSteps> {
  const count = settled.reduce((sum, { follow }) => sum + follow.length, 0);
  if (count <= openedAtOnce) return settleSteps(deps.database, settlements, [...openedSteps(deps, settled)], also);
  const opening = settlements.map((step, at) => ({ ...step, opensLater: settled[at]?.follow.length ?? 0 }));
  return settleManySteps(deps.database, opening, portionsOf(openedSteps(deps, settled)), also);
}

/** The rows of the steps that follow from results, by the position of each result. */
export function* openedSteps(deps: EngineDeps, settled: Settled[]): Generator<OpenedStep> {
  for (const [parent, { follow }] of settled.entries()) {
    for (const dispatch of follow) yield openedStep(deps, parent, dispatch);
  }
}

function openedStep(deps: EngineDeps, parent: number, { plan, step, runId, path, input, fault }: Dispatch): OpenedStep {
  return {
    parent,
    runId,
    stepId: step.id,
    path,
    workspaceId: plan.workspaceId,
    flowId: plan.flowId,
    versionId: plan.versionId,
    input: fault ? null : JSON.stringify(input),
    dueInMs: dueInMs(deps, step),
    error: fault ? JSON.stringify(fault) : null,
  };
}

function* portionsOf(steps: Iterable<OpenedStep>): Generator<OpenedStep[]> {
  let portion: OpenedStep[] = [];
  let bytes = 0;
  for (const step of steps) {
    portion.push(step);
    bytes += step.input?.length ?? 0;
    if (portion.length < openedAtOnce && bytes < openedBytesAtOnce) continue;
    yield portion;
    portion = [];
    bytes = 0;
  }
  if (portion.length > 0) yield portion;
}
