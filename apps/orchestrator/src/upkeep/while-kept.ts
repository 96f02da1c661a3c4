import type { EngineDeps } from '../engine/deps.js';

/** Well below the time after which what is not kept counts as that of somebody who was killed. */
const keptEveryMs = 1_500;

/**
 * Sends what was taken for a few seconds only, and says from time to time that somebody is still at it: confirms may be slow,
 * and nobody else must take the same for what a killed one has left. Rejects as `sending` does; a failure of `keep` only
 * means that it may be sent twice.
 */
export async function whileKept<T>(
  { logger }: Pick<EngineDeps, 'logger'>,
  { keep, sending }: { keep: () => Promise<void>; sending: () => Promise<T> },
): Promise<T> {
  const timer = setInterval(() => {
    keep().catch((error: unknown) => {
      logger.warn({ err: error }, 'what is being sent could not be kept, it may be sent twice');
    });
  }, keptEveryMs);
  try {
    return await sending();
  } finally {
    clearInterval(timer);
  }
}
