import type { Database } from '../database.js';

/**
 * Makes the day partitions of the run log from yesterday on that are missing. Resolves how many were made.
 * Safe to run from several processes at once.
 */
export async function ensurePartitions(database: Database, days: number): Promise<number> {
  const rows = await database.hot<{ made: number }>({
    name: 'ensure-partitions',
    text: `select ensure_partitions((now() at time zone 'UTC')::date - 1, $1) as made`,
    values: [days],
  });
  return rows[0]?.made ?? 0;
}
