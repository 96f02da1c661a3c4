import { releaseSteps } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { sendReleased } from './send-released.js';

/** So few that they are sent well before the reconciler takes them for those of somebody who was killed. */
const releasedAtOnce = 50;
const shortestPauseMs = 200;
const longestPauseMs = 1_000;

/**
 * Begins and sends the attempts whose time has come, in portions. Several orchestrators share the work. What is released
 * and not sent, as after a kill, is sent by the reconciler some seconds later. Resolves how many were released.
 */
export async function releaseDue(deps: EngineDeps, stopping: AbortSignal): Promise<number> {
  let total = 0;
  for (let taken = releasedAtOnce; taken === releasedAtOnce && !stopping.aborted; total += taken) {
    const released = await releaseSteps(deps.database, releasedAtOnce);
    if (released.length > 0) deps.reached('releases.begun');
    await sendReleased(deps, released);
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
