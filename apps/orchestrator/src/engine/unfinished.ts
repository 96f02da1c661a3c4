import { readStepRuns, type StepRunKey, type StepRunState } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { dispatchAll, mayBeUnsent, type Dispatch } from './dispatch.js';
import type { Settled } from './follow.js';
import { persevere } from './persevere.js';
import { rebuildDispatch } from './rebuild.js';

const readAtOnce = 500;

/**
 * Sends what follows from results that had been settled before and still runs, as its rows say: not as a late copy says.
 * Of an attempt that another one came after, nothing follows; `states` are the rows of the results' own steps.
 */
export async function sendUnfinished(
  deps: EngineDeps,
  again: Settled[],
  states: Map<string, StepRunState>,
): Promise<void> {
  const last = again.filter(({ message }) => states.get(keyOf(message))?.attempt === message.attempt);
  for (const portion of portionsOf(last)) {
    const keys = portion.map(({ runId, step, path }) => ({ runId, stepId: step.id, path }));
    const rows = await readStates(deps, keys);
    const dispatches: Dispatch[] = [];
    for (const { plan, step, runId, path } of portion) {
      const row = rows.get(keyOf({ runId, stepId: step.id, path }));
      if (!row || !mayBeUnsent(row)) continue;
      const dispatch = await persevere(deps, 'reading a step run', () => rebuildDispatch(deps, plan, step, row));
      if (dispatch) dispatches.push(dispatch);
    }
    await dispatchAll(deps, dispatches);
  }
}

/** The present rows of step runs by `keyOf`. */
export async function readStates(deps: EngineDeps, keys: StepRunKey[]): Promise<Map<string, StepRunState>> {
  const rows = await persevere(deps, 'reading step runs', () => readStepRuns(deps.database, keys));
  return new Map(rows.map((row) => [keyOf(row), row]));
}

export function keyOf(key: StepRunKey): string {
  return `${key.runId} ${key.stepId} ${key.path}`;
}

function* portionsOf(settled: Settled[]): Generator<Dispatch[]> {
  let portion: Dispatch[] = [];
  for (const { follow } of settled) {
    for (const dispatch of follow) {
      if (portion.push(dispatch) < readAtOnce) continue;
      yield portion;
      portion = [];
    }
  }
  if (portion.length > 0) yield portion;
}
