import type { Carry, Json } from '@millrace/contracts';
import { branchOf, carryFor, emissionOf, type Plan, type PlanStep } from '@millrace/flow-model';
import { readRequest, readStepRuns, type StepRunKey, type StepRunState } from '@millrace/persistence';
import { carriedOf } from './carried.js';
import type { EngineDeps } from './deps.js';
import { dispatchAll, type Dispatch } from './dispatch.js';
import { persevere } from './persevere.js';
import { triggerDispatch } from './triggers.js';

/**
 * Makes the dispatch of a step run that was opened before from its row, so that what is sent again is what was sent:
 * the input and the carried outputs that the run log shows. One that was opened with an error has no input: it gets that
 * error as its result. `undefined` when the run is gone.
 */
export async function rebuildDispatch(
  deps: Pick<EngineDeps, 'database'>,
  plan: Plan,
  step: PlanStep,
  row: StepRunState,
): Promise<Dispatch | undefined> {
  const { runId, path, attempt } = row;
  const needsRequest = path === '' || step.carries.request || plan.replies;
  const kept = needsRequest ? await readRequest(deps.database, runId) : undefined;
  if (needsRequest && !kept) return undefined;
  if (path === '' && kept) {
    const dispatch = triggerDispatch(plan, runId, kept.request, kept.body);
    return { ...dispatch, attempt, carry: counted(dispatch.carry, row) };
  }
  const known = await knownOutputs(deps, step, row);
  const carry = counted(carryFor(step, known, kept ? carriedOf(step, kept) : {}), row);
  return { plan, step, runId, path, attempt, input: row.input, carry, fault: row.error ?? undefined };
}

/** Every copy of an attempt carries from which one on its policy counts, so that all of them are judged alike. */
function counted(carry: Carry, { retriedAfter }: StepRunState): Carry {
  return retriedAfter === null ? carry : { ...carry, retriedAfter };
}

/** Sends a step run as its row says, if it still runs. Resolves whether it was sent. */
export async function dispatchKept(
  deps: EngineDeps,
  { plan, step, key }: { plan: Plan; step: PlanStep; key: StepRunKey },
): Promise<boolean> {
  const dispatch = await persevere(deps, 'reading a step run', async () => {
    const [row] = await readStepRuns(deps.database, [key]);
    return row?.status === 'running' ? await rebuildDispatch(deps, plan, step, row) : undefined;
  });
  if (dispatch) await dispatchAll(deps, [dispatch]);
  return dispatch !== undefined;
}

/** The outputs along the branch that led to the step, read from the rows of its ancestors. */
async function knownOutputs(
  deps: Pick<EngineDeps, 'database'>,
  step: PlanStep,
  row: StepRunKey,
): Promise<Record<string, Json>> {
  if (step.carries.steps.length === 0) return {};
  const branch = branchOf(step, row.path);
  const keys: StepRunKey[] = branch.map(({ stepId, path }) => ({ runId: row.runId, stepId, path }));
  const states = await readStepRuns(deps.database, keys);
  const known: Record<string, Json> = {};
  for (const { stepId, emission } of branch) {
    const state = states.find((candidate) => candidate.stepId === stepId);
    if (state) known[stepId] = emissionOf(state, emission);
  }
  return known;
}
