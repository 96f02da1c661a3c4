import { releaseSteps, type ReleasedStep } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { findPlans } from '../engine/lookups.js';
import { dispatchKept } from '../engine/rebuild.js';

const releasedAtOnce = 200;
/** Each of them may have an input of megabytes. */
const sentAtOnce = 8;
const shortestPauseMs = 200;
const longestPauseMs = 1_000;

/**
 * Begins and sends the attempts whose time has come, in portions. Several orchestrators share the work. What is released
 * and not sent, as after a kill, is overdue in due time, and the reconciler sends it. Resolves how many were released.
 */
export async function releaseDue(deps: EngineDeps, stopping: AbortSignal): Promise<number> {
  let total = 0;
  for (let taken = releasedAtOnce; taken === releasedAtOnce && !stopping.aborted; total += taken) {
    const released = await releaseSteps(deps.database, releasedAtOnce);
    if (released.length > 0) deps.reached('releases.begun');
    for (let at = 0; at < released.length; at += sentAtOnce) {
      await Promise.all(released.slice(at, at + sentAtOnce).map((step) => send(deps, step)));
    }
    taken = released.length;
  }
  return total;
}

/** The pause after a time at which `released` were released: short while there is work. */
export function releasePause(): (released: number) => number {
  let pauseMs = longestPauseMs;
  return (released) => {
    pauseMs = released > 0 ? shortestPauseMs : Math.min(pauseMs * 2, longestPauseMs);
    return pauseMs;
  };
}

async function send(deps: EngineDeps, released: ReleasedStep): Promise<void> {
  const { runId, stepId, versionId } = released;
  try {
    const plan = (await findPlans(deps, [versionId])).get(versionId);
    const step = plan?.step(stepId);
    if (!plan || !step) throw new Error(`there is no step ${stepId} in version ${versionId}`);
    await dispatchKept(deps, { plan, step, key: released });
  } catch (error) {
    deps.logger.error({ err: error, runId, stepId }, 'a step that is tried again could not be sent, it is later');
  }
}
