import type { Database } from '../database.js';

/**
 * Does something that only one process at a time shall do; resolves `undefined` at once when another one is at it. The lock
 * is held by a connection of its own: it is free again when that is lost, so what is done must be safe to be done twice.
 */
export async function withAdvisoryLock<Result>(
  database: Database,
  name: string,
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  const holder = database.dataSource.createQueryRunner();
  try {
    const [row] = (await holder.query('select pg_try_advisory_lock(hashtext($1)) as held', [name])) as [
      { held: boolean },
    ];
    if (!row.held) return undefined;
    try {
      return await act();
    } finally {
      await holder.query('select pg_advisory_unlock(hashtext($1))', [name]);
    }
  } finally {
    await holder.release();
  }
}
