import { setTimeout as sleep } from 'node:timers/promises';
import { PublishError } from '@millrace/amqp';
import { SandboxUnavailableError } from '@millrace/mapping-sandbox';
import { databaseFault } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';

const firstPauseMs = 50;
const longestPauseMs = 5_000;

/**
 * Tries again for as long as it takes while Postgres or the broker is away, or no sandbox can be started. The messages being handled stay
 * unacknowledged meanwhile, so nothing is lost and no delivery limit is used up. Throws when another try can't help,
 * or when the process is stopping.
 */
export async function persevere<T>(
  deps: Pick<EngineDeps, 'logger' | 'stopping'>,
  what: string,
  act: () => Promise<T>,
): Promise<T> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await act();
    } catch (error) {
      if (!isTransient(error)) throw error;
      deps.stopping.throwIfAborted();
      deps.logger.warn({ err: error, pauseMs }, `${what} failed, trying again`);
      await sleep(pauseMs, undefined, { signal: deps.stopping });
    }
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof PublishError) return error.retryable;
  return error instanceof SandboxUnavailableError || databaseFault(error) === 'transient';
}
