/*
 * When is the message of an overdue step lost? The time of a step begins when its component takes the message, and nobody tells
 * when that was: the message may have waited, for hours while the component was away, and be worked on since a second.
 *
 * - While messages wait in the queue of the component, or in that of results, its own may be among them. It is then taken for
 *   lost only after a day in which the component was there and did not come to it; while nobody consumes the queue,
 *   never.
 * - Once both are found empty its message has been taken, or was lost. Whoever took it before then has ended when the time-out of the
 *   step and the grace have passed once more; what still has no result at that second look is lost.
 *   That holds because a component process keeps a step that has not begun for 20 s at most (`maxWaitMs` in `fair-slots.ts` of the
 *   runtime), a third of the grace, and then puts it at the end of its queue, where it is counted as waiting.
 */

const certainlyLostAfterMs = 24 * 3_600_000;

export interface LookedAt {
  /** The id of its message. */
  messageId: string;
  /** The component's queue. */
  queue: string;
  /** Messages that wait there and in the queue of results. */
  waiting: number;
  /** Consumers of the component's queue. */
  consumers: number;
  ageMs: number;
  /** Time-out of the step and grace. */
  wholeTimeMs: number;
}

export interface LostSteps {
  /** `look again`: its whole time has to pass once more. */
  judge(step: LookedAt): 'waits' | 'lookAgain' | 'lost';
}

/** What one orchestrator remembers between its looks. After a restart it begins anew, which costs time only. */
export function rememberLostSteps(now: () => number = () => performance.now()): LostSteps {
  /** When the queues were found empty, by message. */
  const emptyAt = new Map<string, number>();
  const lastAwayAt = new Map<string, number>();
  let longestMs = 0;

  function prune(): void {
    for (const [id, at] of emptyAt) if (now() - at > 3 * longestMs) emptyAt.delete(id);
  }

  return {
    judge({ messageId, queue, waiting, consumers, ageMs, wholeTimeMs }) {
      if (consumers === 0) lastAwayAt.set(queue, now());
      if (waiting > 0) {
        emptyAt.delete(messageId);
        const here = now() - (lastAwayAt.get(queue) ?? -Infinity);
        return consumers > 0 && Math.min(ageMs, here) >= certainlyLostAfterMs ? 'lost' : 'waits';
      }
      longestMs = Math.max(longestMs, wholeTimeMs);
      const before = emptyAt.get(messageId);
      const sinceMs = before === undefined ? undefined : now() - before;
      // One that is older may be from before another orchestrator sent it again.
      if (sinceMs !== undefined && sinceMs >= wholeTimeMs && sinceMs < 2 * wholeTimeMs + 60_000) {
        emptyAt.delete(messageId);
        return 'lost';
      }
      if (sinceMs === undefined || sinceMs >= wholeTimeMs) emptyAt.set(messageId, now());
      prune();
      return 'lookAgain';
    },
  };
}
