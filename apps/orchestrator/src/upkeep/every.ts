import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/observability';

/**
 * Repeats `act` with a pause after each time until `stopping` is aborted; `pauseMs` makes the pause of what it resolved. An
 * error is logged and the next time comes all the same. Resolves when the last one has ended.
 */
export async function every<T>(
  options: {
    everyMs: number;
    pauseMs?: (result: T) => number;
    what: string;
    logger: Logger;
    stopping: AbortSignal;
  },
  act: () => Promise<T>,
): Promise<void> {
  const { everyMs, what, logger, stopping } = options;
  while (!stopping.aborted) {
    let pauseMs = everyMs;
    try {
      const result = await act();
      pauseMs = options.pauseMs?.(result) ?? everyMs;
    } catch (error) {
      if (!stopping.aborted) logger.error({ err: error }, `${what} failed, the next time is in ${everyMs} ms`);
    }
    await sleep(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}
