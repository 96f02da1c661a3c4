import { queues, stepQueues } from '@millrace/contracts';
import { takeOverdueSteps, takeUnsentSteps, type OverdueStep } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { dispatchKept } from '../engine/rebuild.js';
import { sendReleased } from './send-released.js';

const takenAtOnce = 500;
const certainlyLostAfterMs = 24 * 3_600_000;

/**
 * Publishes again what is overdue and has no result, as after a broker that lost its disk. A step whose message still
 * waits in a queue isn't lost: while a queue of its component or the queue of results holds messages, only steps older
 * than a day go out again. Resolves how many were dispatched.
 */
export async function reconcile(deps: EngineDeps): Promise<number> {
  const backlog = backlogReader(deps);
  let dispatched = 0;
  // Rows that only wait are taken like others; going on while there are more keeps them from hiding one that is lost.
  for (let taken = takenAtOnce; taken === takenAtOnce && !deps.stopping.aborted;) {
    const overdue = await takeOverdueSteps(deps.database, { limit: takenAtOnce, againInMs: deps.overdueGraceMs });
    if (overdue.length > 0) deps.reached('overdue.putOff');
    for (const step of overdue) dispatched += Number(await sendAgain(deps, step, backlog));
    taken = overdue.length;
  }
  if (dispatched > 0) deps.logger.warn({ count: dispatched }, 'steps were overdue and are dispatched again');
  return dispatched;
}

/**
 * Sends what somebody has made running and is not known to have sent, as one that was killed between, whatever waits in the
 * queues. Does nothing while the broker is away: who cannot send must not take. Resolves how many were sent.
 */
export async function sendUnsent(deps: EngineDeps): Promise<number> {
  let sent = 0;
  for (let taken = takenAtOnce; taken === takenAtOnce && !deps.stopping.aborted;) {
    try {
      await deps.broker.messageCount(queues.results);
    } catch (error) {
      deps.logger.debug({ err: error }, 'nothing can be sent at present');
      return sent;
    }
    const unsent = await takeUnsentSteps(deps.database, takenAtOnce);
    if (unsent.length > 0) deps.reached('unsent.taken');
    sent += await sendReleased(deps, unsent);
    taken = unsent.length;
  }
  if (sent > 0) deps.logger.warn({ count: sent }, 'steps that were begun and not sent are sent now');
  return sent;
}

/** Sends one overdue step unless its message may still wait. One that cannot be sent does not keep the others back. */
async function sendAgain(deps: EngineDeps, overdue: OverdueStep, backlog: BacklogReader): Promise<boolean> {
  const { runId, stepId, versionId, ageMs } = overdue;
  try {
    const plan = await deps.plans.find(versionId);
    const step = plan?.step(stepId);
    if (!plan || !step) throw new Error(`there is no step ${stepId} in version ${versionId}`);
    let waiting = await backlog(queues.results);
    for (const queue of stepQueues(step.component)) waiting += await backlog(queue);
    if (waiting > 0 && ageMs < certainlyLostAfterMs) return false;
    return await dispatchKept(deps, { plan, step, key: overdue });
  } catch (error) {
    deps.logger.error(
      { err: error, runId, stepId },
      'an overdue step could not be dispatched, it is tried again later',
    );
    return false;
  }
}

type BacklogReader = (queue: string) => Promise<number>;

/** Messages ready in a queue, asked once for each time the reconciler runs. */
function backlogReader(deps: EngineDeps): BacklogReader {
  const counts = new Map<string, number>();
  return async (queue) => {
    const count = counts.get(queue) ?? (await deps.broker.messageCount(queue)) ?? 0;
    counts.set(queue, count);
    return count;
  };
}
