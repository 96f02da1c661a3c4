import { endCancelledSteps, listCancellations } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';

/** Whoever cancels a run ends its step runs in less than this; one that was killed in between does not. */
const leftAfterMs = 10_000;
const takenAtOnce = 100;
const endWithinMs = 1_000;

/**
 * Ends the step runs of runs whose cancellation was cut short. There are none but after a kill, and the table that is
 * asked is empty. Several orchestrators may do so at once. Resolves how many runs were dealt with.
 */
export async function endCancellations(
  { database, logger }: Pick<EngineDeps, 'database' | 'logger'>,
  { olderThanMs = leftAfterMs }: { olderThanMs?: number } = {},
): Promise<number> {
  const runIds = await listCancellations(database, { olderThanMs, limit: takenAtOnce });
  for (const runId of runIds) await endCancelledSteps(database, runId, endWithinMs);
  if (runIds.length > 0) logger.warn({ count: runIds.length }, 'step runs of cancelled runs were ended');
  return runIds.length;
}
