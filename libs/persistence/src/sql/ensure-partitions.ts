import type { Database } from '../database.js';

/** Some days have no partitions of their own; their runs go to the default partitions meanwhile. */
export class PartitionError extends Error {
  override readonly name = 'PartitionError';
}

/**
 * Makes the day partitions of the run log from yesterday on that are missing, and moves rows of these days out of the
 * default partitions. Resolves how many days were made. Throws `PartitionError` naming the days that could not be made,
 * after all others were; call again later. Safe to run from several processes at once.
 */
export async function ensurePartitions(database: Database, days: number): Promise<number> {
  const rows = await database.hot<{ day: string; fault: string | null }>({
    name: 'ensure-partitions',
    text: `select day::text, fault from ensure_partitions((now() at time zone 'UTC')::date - 1, $1)`,
    values: [days],
  });
  const failed = rows.filter((row) => row.fault !== null);
  if (failed.length === 0) return rows.length;
  throw new PartitionError(
    `Partitions could not be made: ${failed.map((row) => `${row.day}: ${row.fault}`).join('; ')}`,
  );
}
