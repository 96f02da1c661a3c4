import { assertNever, queues, stepMessageId, stepQueue, stepQueues } from '@millrace/contracts';
import { putOffOverdueStep, takeOverdueSteps, takeUnsentSteps, type OverdueStep } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { dueInMs } from '../engine/dispatch.js';
import { dispatchKept } from '../engine/rebuild.js';
import type { LostSteps } from './lost-steps.js';
import { sendReleased } from './send-released.js';

const takenAtOnce = 500;

/** Takes an empty queue for the proof: for those who know that nobody works on the step. */
const emptyProves: LostSteps = { judge: ({ waiting }) => (waiting > 0 ? 'waits' : 'lost') };

/**
 * Publishes again what is overdue and has no result, as after a broker that lost its disk. A step whose message still
 * waits in a queue isn't lost, nor is one that was taken from there late; `lost` tells. Resolves how many were dispatched.
 */
export async function reconcile(deps: EngineDeps, lost: LostSteps = emptyProves): Promise<number> {
  const counts = countReader(deps);
  let dispatched = 0;
  // Rows that only wait are taken like others; going on while there are more keeps them from hiding one that is lost.
  for (let taken = takenAtOnce; taken === takenAtOnce && !deps.stopping.aborted;) {
    const overdue = await takeOverdueSteps(deps.database, { limit: takenAtOnce, againInMs: deps.overdueGraceMs });
    if (overdue.length > 0) deps.reached('overdue.putOff');
    for (const step of overdue) dispatched += Number(await sendAgain(deps, step, { counts, lost }));
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
async function sendAgain(
  deps: EngineDeps,
  overdue: OverdueStep,
  { counts, lost }: { counts: CountReader; lost: LostSteps },
): Promise<boolean> {
  const { runId, stepId, versionId, ageMs } = overdue;
  try {
    const plan = await deps.plans.find(versionId);
    const step = plan?.step(stepId);
    if (!plan || !step) throw new Error(`there is no step ${stepId} in version ${versionId}`);
    const queue = stepQueue(step.component);
    let waiting = await counts.messages(queues.results);
    for (const one of stepQueues(step.component)) waiting += await counts.messages(one);
    const consumers = await counts.consumers(queue);
    const wholeTimeMs = dueInMs(deps, step);
    const messageId = stepMessageId({ ...plan, ...overdue });
    const verdict = lost.judge({ messageId, queue, waiting, consumers, ageMs, wholeTimeMs });
    switch (verdict) {
      case 'waits':
        return false;
      case 'lookAgain':
        await putOffOverdueStep(deps.database, overdue, wholeTimeMs);
        return false;
      case 'lost':
        return await dispatchKept(deps, { plan, step, key: overdue });
      default:
        return assertNever(verdict);
    }
  } catch (error) {
    deps.logger.error(
      { err: error, runId, stepId },
      'an overdue step could not be dispatched, it is tried again later',
    );
    return false;
  }
}

interface CountReader {
  /** Messages ready in a queue. */
  messages(queue: string): Promise<number>;
  consumers(queue: string): Promise<number>;
}

/** Asks the broker once for each queue and time that the reconciler runs. */
function countReader({ broker }: EngineDeps): CountReader {
  const once = (read: (queue: string) => Promise<number | undefined>) => {
    const counts = new Map<string, number>();
    return async (queue: string): Promise<number> => {
      const count = counts.get(queue) ?? (await read(queue)) ?? 0;
      counts.set(queue, count);
      return count;
    };
  };
  return {
    messages: once((queue) => broker.messageCount(queue)),
    consumers: once((queue) => broker.consumerCount(queue)),
  };
}
