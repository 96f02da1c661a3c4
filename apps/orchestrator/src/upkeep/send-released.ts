import { rootPath, type RunId } from '@millrace/contracts';
import {
  keepUnsentSteps,
  markStepsSent,
  readBegunRequests,
  unsentForMs,
  type ReleasedStep,
} from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { dispatchAll } from '../engine/dispatch.js';
import { findPlans } from '../engine/lookups.js';
import { persevere } from '../engine/persevere.js';
import { dispatchKept } from '../engine/rebuild.js';
import { triggerDispatch } from '../engine/triggers.js';
import type { BegunHeld } from './advance-queue.js';
import { whileKept } from './while-kept.js';

/** Each of them may have an input of megabytes. */
const sentAtOnce = 8;
const begunAtOnce = 25;
/** After this the reconciler, here or elsewhere, may have taken what is left. */
const stillOursForMs = unsentForMs - 1_000;

/**
 * Sends steps that were just made running and are marked as unsent, and notes which are sent. What cannot be sent, or not in time as while
 * the broker is away, is left to the reconciler. Resolves how many were sent.
 */
export async function sendReleased(deps: EngineDeps, released: ReleasedStep[]): Promise<number> {
  const untilMs = performance.now() + stillOursForMs;
  let count = 0;
  for (let at = 0; at < released.length && performance.now() < untilMs; at += sentAtOnce) {
    const portion = released.slice(at, at + sentAtOnce);
    const sent = await whileKept(deps, {
      keep: () => keepUnsentSteps(deps.database, portion),
      sending: () => Promise.all(portion.map((step) => send(deps, step))),
    });
    const steps = portion.filter((_, position) => sent[position]);
    if (steps.length > 0) deps.reached('releases.sent');
    if (steps.length > 0) await persevere(deps, 'noting what is sent', () => markStepsSent(deps.database, steps));
    count += steps.length;
  }
  return count;
}

async function send(deps: EngineDeps, released: ReleasedStep): Promise<boolean> {
  const { runId, stepId, versionId } = released;
  try {
    const plan = (await findPlans(deps, [versionId])).get(versionId);
    const step = plan?.step(stepId);
    if (!plan || !step) throw new Error(`there is no step ${stepId} in version ${versionId}`);
    return await dispatchKept(deps, { plan, step, key: released });
  } catch (error) {
    deps.logger.error({ err: error, runId, stepId }, 'a released step could not be sent, it is later');
    return false;
  }
}

/** The same for the trigger steps of runs that have just begun. */
export async function sendBegun(deps: EngineDeps, begun: BegunHeld[]): Promise<void> {
  const untilMs = performance.now() + stillOursForMs;
  for (let at = 0; at < begun.length && performance.now() < untilMs; at += begunAtOnce) {
    const plans = new Map(begun.slice(at, at + begunAtOnce).map(({ runId, plan }) => [runId, plan]));
    const runIds: RunId[] = [...plans.keys()];
    const kept = await persevere(deps, 'reading requests', () => readBegunRequests(deps.database, runIds));
    const dispatches = kept.flatMap(({ runId, request, body }) => {
      const plan = plans.get(runId);
      return plan ? [triggerDispatch(plan, runId, request, body)] : [];
    });
    if (dispatches.length === 0) continue;
    const sent = dispatches.map(({ runId, step }) => ({ runId, stepId: step.id, path: rootPath, attempt: 1 }));
    await whileKept(deps, {
      keep: () => keepUnsentSteps(deps.database, sent),
      sending: () => dispatchAll(deps, dispatches),
    });
    deps.reached('queues.sent');
    await persevere(deps, 'noting what is sent', () => markStepsSent(deps.database, sent));
  }
}
