/*
 * Releases runs from the queues of their flows. A queue has work when a run has come into it, or one that had a place in it
 * has ended: who does that pokes it, in this process. Everything else, as what another process did before it was killed, is found by looking.
 *
 *   poke, look ─▶ turns (each flow once) ─▶ a lane takes the first ─▶ a small portion ─▶ more? to the end of the turns
 *
 * So a queue of a hundred thousand runs delays another one by its portion only. A flow that has more than a few to begin
 * goes on only while the broker's queues of its components are short: what it begins does not pile up before the
 * steps of others there. It begins at least a few each time it is looked at, and one for each that ends.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { queues, stepQueues, type FlowId } from '@millrace/contracts';
import { findEndedQueues, findFailedQueues, findWaitingQueues } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { advanceQueue } from './advance-queue.js';
import { every } from './every.js';
import type { QueueTurn, QueueTurns } from './queue-turns.js';
import { sendBegun } from './send-released.js';

const lanes = 4;
const portion = 10;
const bulkPortion = 25;
/** Messages that wait in one queue of the broker: what comes behind so many waits for moments, also on a slow machine. */
const shortBacklog = 20;
const backlogKnownForMs = 100;
const busyAgainMs = 30;
const lookEveryMs = 250;
const longestLookMs = 1_000;
const lookForEndedEveryMs = 2_000;
const lookForFailedEveryMs = 10_000;
/** Queues that can do nothing at present are looked at ever more rarely. */
const longestIdleMs = 2_000;
const keptIdle = 10_000;

/** Works until `stopping` is aborted. Several orchestrators share the work. */
export async function releaseQueues(deps: EngineDeps, turns: QueueTurns, stopping: AbortSignal): Promise<void> {
  const { database, logger } = deps;
  const backlog = shortBacklogs(deps);
  const idle = new LRUCache<FlowId, { untilMs: number; pauseMs: number }>({ max: keptIdle });

  async function lane(): Promise<void> {
    while (!stopping.aborted) {
      const turn = turns.take();
      if (!turn) {
        await turns.some(stopping);
        continue;
      }
      try {
        await have(turn);
      } catch (error) {
        if (!stopping.aborted) logger.error({ err: error, flowId: turn.flowId }, 'a queue could not be looked at');
      } finally {
        turns.end(turn.flowId);
      }
    }
  }

  async function have({ flowId, whole, bulk }: QueueTurn): Promise<void> {
    if (bulk && !(await backlog.areShort(bulk))) return;
    const limit = bulk ? bulkPortion : portion;
    const { outcome, begun, progress, more, waitsForRate, components } = await advanceQueue(deps, flowId, {
      limit,
      whole,
    });
    if (outcome === 'busy') {
      void sleep(busyAgainMs).then(() => turns.add(flowId, { whole }));
      return;
    }
    const before = idle.get(flowId)?.pauseMs ?? lookEveryMs / 2;
    if (progress || waitsForRate) idle.delete(flowId);
    else {
      const pauseMs = Math.min(before * 2, longestIdleMs);
      idle.set(flowId, { untilMs: performance.now() + pauseMs, pauseMs });
    }
    if (begun.length > 0) deps.reached('queues.begun');
    await sendBegun(deps, begun);
    if (more) turns.add(flowId, { bulk: components });
  }

  async function look(): Promise<number> {
    const nowMs = performance.now();
    const found = (await findWaitingQueues(database)).filter((flowId) => (idle.get(flowId)?.untilMs ?? 0) <= nowMs);
    for (const flowId of found) turns.add(flowId);
    return found.length;
  }

  const lookWhole = (find: typeof findEndedQueues) => async (): Promise<void> => {
    for (const flowId of await find(database)) turns.add(flowId, { whole: true });
  };

  const common = { logger, stopping };
  await Promise.all([
    ...Array.from({ length: lanes }, lane),
    every({ everyMs: longestLookMs, pauseMs: lookPause(), what: 'looking for queued runs', ...common }, look),
    every({ everyMs: lookForEndedEveryMs, what: 'looking for free places', ...common }, lookWhole(findEndedQueues)),
    every({ everyMs: lookForFailedEveryMs, what: 'looking for blocked keys', ...common }, lookWhole(findFailedQueues)),
  ]);
}

/** Short while there is work. */
function lookPause(): (found: number) => number {
  let pauseMs = longestLookMs;
  return (found) => {
    pauseMs = found > 0 ? lookEveryMs : Math.min(pauseMs * 2, longestLookMs);
    return pauseMs;
  };
}

/** Whether the broker's queues of components, and that of results, are short, asked some times a second at most. */
function shortBacklogs(deps: EngineDeps): { areShort(components: readonly string[]): Promise<boolean> } {
  const known = new LRUCache<string, Promise<number>>({ max: 1_000, ttl: backlogKnownForMs });
  const countOf = (queue: string): Promise<number> => {
    const count = known.get(queue) ?? deps.broker.messageCount(queue).then((ready) => ready ?? 0);
    known.set(queue, count);
    return count;
  };
  return {
    async areShort(components) {
      const counts = await Promise.all([queues.results, ...components.flatMap(stepQueues)].map(countOf));
      return counts.every((count) => count < shortBacklog);
    },
  };
}
