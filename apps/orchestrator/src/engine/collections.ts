/*
 * A step run that waits with an item until that goes on together with others.
 *
 *   running ──its component says so──▶ waiting ──the collection is closed──▶ running ──its result──▶ ended
 *
 * A collection is open while items come, and closed by one transaction, which decides for good which items go on and why. Their
 * step runs are made running again in portions: the one that goes on with all of them ends with one output, the others with
 * none. Every result follows from the rows of the closed collection. So after a kill between any two of these acts the
 * reconciler asks the component once more, the step waits again, its item is there already, and its result is the same.
 *
 * Rows are locked in one order: collections, runs, step runs.
 */
import { collectItems, type CollectingStep } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { persevere } from './persevere.js';
import type { WaitingResult } from './waits.js';

/** Lets steps wait with their items; resolves the results that took no effect: they wait already, have ended or are unknown. */
export async function collect(deps: EngineDeps, collecting: WaitingResult[]): Promise<WaitingResult[]> {
  const won = await persevere(deps, 'keeping items', () =>
    collectItems(deps.database, collecting.flatMap(collectingStep)),
  );
  deps.reached('results.collected');
  return collecting.filter((_, position) => !won.has(position));
}

function collectingStep({ message }: WaitingResult): CollectingStep[] {
  const { outcome, workspaceId, flowId, versionId, runId, stepId, path, attempt, logs, component } = message;
  if (outcome.kind !== 'collecting') return [];
  const { item, gathering } = outcome;
  const kept = { logs: logs.length === 0 ? null : JSON.stringify(logs), componentVersion: component.version };
  return [{ workspaceId, flowId, versionId, runId, stepId, path, attempt, item, gathering, ...kept }];
}
