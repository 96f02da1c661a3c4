import type { Logger } from '@millrace/observability';
import { setTimeout as pause } from 'node:timers/promises';

const keptMs = 1_000;
const lookAgainMs = 200;

export interface ConsumerCounts {
  /** As of the last second; `undefined` when the broker cannot be asked. Never rejects. */
  count(queue: string): Promise<number | undefined>;
  /** Whether somebody consumes the queue, or begins to within the time. True when that cannot be found out. */
  appear(queue: string, withinMs: number): Promise<boolean>;
}

/** Reads how many consumers queues have; `read` rejects when it cannot. Questions of the same second are one. */
export function readConsumerCounts(read: (queue: string) => Promise<number>, logger: Logger): ConsumerCounts {
  const kept = new Map<string, { count: Promise<number | undefined>; until: number }>();

  function readNow(queue: string): Promise<number | undefined> {
    return read(queue).catch((error: unknown) => {
      logger.warn({ err: error, queue }, 'the broker cannot be asked who consumes a queue');
      return undefined;
    });
  }

  return {
    count(queue) {
      const now = performance.now();
      const known = kept.get(queue);
      if (known && known.until > now) return known.count;
      // Queues are few: one for each component that ever announced itself.
      const count = readNow(queue);
      kept.set(queue, { count, until: now + keptMs });
      return count;
    },

    async appear(queue, withinMs) {
      const until = performance.now() + withinMs;
      for (;;) {
        if ((await readNow(queue)) !== 0) return true;
        if (performance.now() >= until) return false;
        await pause(lookAgainMs);
      }
    },
  };
}
