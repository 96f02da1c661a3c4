import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/observability';

/**
 * Repeats `act` with a pause after each time until `stopping` is aborted. An error is logged and the next time comes
 * all the same. Resolves when the last one has ended.
 */
export async function every(
  options: { everyMs: number; what: string; logger: Logger; stopping: AbortSignal },
  act: () => Promise<unknown>,
): Promise<void> {
  const { everyMs, what, logger, stopping } = options;
  while (!stopping.aborted) {
    try {
      await act();
    } catch (error) {
      if (!stopping.aborted) logger.error({ err: error }, `${what} failed, the next time is in ${everyMs} ms`);
    }
    await sleep(everyMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}
