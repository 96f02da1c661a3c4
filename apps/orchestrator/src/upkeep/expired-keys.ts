import { removeExpiredKeys, type Database } from '@millrace/persistence';

const removedAtOnce = 1_000;
/** A backlog or a redelivery may bring requests that came while the key was still taken. */
const keptForMs = 24 * 3_600_000;

/**
 * Removes keys of deduplication whose time is over, in portions that hold no lock for long. Several orchestrators at
 * once share the work. Resolves how many were removed.
 */
export async function removeExpired(database: Database, stopping: AbortSignal): Promise<number> {
  let total = 0;
  for (let removed = removedAtOnce; removed === removedAtOnce && !stopping.aborted; total += removed) {
    removed = await removeExpiredKeys(database, { limit: removedAtOnce, keptForMs });
  }
  return total;
}
