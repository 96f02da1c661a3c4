import { findDueWaits, markStepsSent, readStepRuns, releaseWait, type DueWait } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { dueInMs } from '../engine/dispatch.js';
import { findPlans } from '../engine/lookups.js';
import { persevere } from '../engine/persevere.js';
import { rebuildDispatch } from '../engine/rebuild.js';
import { waitResult } from '../engine/wait-result.js';

const lookedAtOnce = 200;
/** Each has a transaction of its own, and may have a body of megabytes. */
const releasedAtOnce = 4;

/**
 * Ends the waiting of steps whose resume URL was called or whose time is over, and sends their results, in portions.
 * Several orchestrators share the work. What is released and whose result is not sent, as after a kill, is taken up by
 * whoever looks next (`sendUnsent`): its component is asked once more, it waits again and comes here again. Resolves how many were released.
 */
export async function resumeDue(deps: EngineDeps, stopping: AbortSignal): Promise<number> {
  let total = 0;
  for (let released = lookedAtOnce; released === lookedAtOnce && !stopping.aborted; total += released) {
    const due = await findDueWaits(deps.database, lookedAtOnce);
    released = 0;
    for (let at = 0; at < due.length; at += releasedAtOnce) {
      const done = await Promise.all(due.slice(at, at + releasedAtOnce).map((wait) => release(deps, wait)));
      released += done.filter(Boolean).length;
    }
  }
  return total;
}

async function release(deps: EngineDeps, due: DueWait): Promise<boolean> {
  const { runId, stepId, path, versionId } = due;
  try {
    const plan = (await findPlans(deps, [versionId])).get(versionId);
    const step = plan?.step(stepId);
    if (!plan || !step) throw new Error(`there is no step ${stepId} in version ${versionId}`);
    const released = await releaseWait(deps.database, { runId, stepId, path, overdueAfterMs: dueInMs(deps, step) });
    if (!released) return false;
    deps.reached('waits.ended');
    const dispatch = await persevere(deps, 'reading a step run', async () => {
      const [row] = await readStepRuns(deps.database, [due]);
      return row && (await rebuildDispatch(deps, plan, step, row));
    });
    if (!dispatch) return true;
    const { workspaceId, flowId } = plan;
    const address = { workspaceId, flowId, versionId, runId, stepId, path, attempt: released.attempt };
    const result = waitResult(address, { released, component: step.component, carry: dispatch.carry });
    await persevere(deps, 'publishing the result of a step that waited', () => deps.broker.publish(result));
    deps.reached('waits.sent');
    const sent = { ...due, attempt: released.attempt };
    await persevere(deps, 'noting what is sent', () => markStepsSent(deps.database, [sent]));
    return true;
  } catch (error) {
    deps.logger.error({ err: error, runId, stepId }, 'the result of a step that waited could not be sent, it is later');
    return false;
  }
}
