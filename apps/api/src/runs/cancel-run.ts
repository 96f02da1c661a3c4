import type { RunId, WorkspaceId } from '@millrace/contracts';
import {
  announceChange,
  endCancelledSteps,
  findRun,
  markCancelled,
  recountHourOf,
  type CancelledRun,
  type Database,
  type RunStatus,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { answerCancelled } from './answer-caller.js';

type Manager = Database['dataSource']['manager'];

/** What else belongs to the transaction of an act; its error rolls the act back. */
export type Within = (manager: Manager) => Promise<void>;

export type Cancellation =
  | { outcome: 'cancelled' }
  | { outcome: 'missing' }
  | { outcome: 'finished'; status: RunStatus };

/** How long the step runs of a run are waited for that others hold; after that an orchestrator ends what is left. */
const endStepsWithinMs = 5_000;

/**
 * Ends a run that has not ended. Nothing is begun for it any more; what a component has begun is not interrupted, and its
 * result changes nothing. Safe to repeat.
 */
export async function cancelRun(
  deps: Pick<ApiDeps, 'database' | 'plans' | 'sendAnswer' | 'logger' | 'reached'>,
  workspaceId: WorkspaceId,
  runId: RunId,
  within?: Within,
): Promise<Cancellation> {
  const { database, logger } = deps;
  const cancelled = await database.dataSource.transaction(async (manager): Promise<CancelledRun | undefined> => {
    const marked = await markCancelled(manager, workspaceId, runId);
    if (!marked) return undefined;
    await within?.(manager);
    await recountHourOf(manager, workspaceId, runId);
    await announceChange(manager, workspaceId, { type: 'run', flowId: null, id: runId });
    return marked;
  });
  if (!cancelled) {
    const run = await findRun(database.dataSource.manager, workspaceId, runId);
    if (!run) return { outcome: 'missing' };
    if (run.status !== 'cancelled') return { outcome: 'finished', status: run.status };
  }
  deps.reached('cancel.marked');
  if (!(await endCancelledSteps(database, runId, endStepsWithinMs))) {
    logger.warn({ runId }, 'step runs of a cancelled run are held by others, an orchestrator ends them');
  }
  deps.reached('cancel.stepsEnded');
  if (cancelled) await answerCancelled(deps, workspaceId, { runId, ...cancelled });
  return { outcome: 'cancelled' };
}
