import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** A backend reports what it counted at most a second late while it works, and this long after it became idle. */
const statisticsLagMs = 10_500;
const pollMs = 20;

/** Runs an act with a connection of its own. Ending it makes its backend report its counts. */
export async function withClient<T>(url: string, act: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/**
 * Transactions that ended in a database so far, as its backends have reported them. Asked from another database, so that
 * the question does not count.
 */
export async function transactions(adminUrl: string, databaseUrl: string): Promise<number> {
  const text = 'select xact_commit + xact_rollback as count from pg_stat_database where datname = $1';
  return withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ count: string }>(text, [new URL(databaseUrl).pathname.slice(1)]);
    return Number(rows[0]?.count);
  });
}

/** Waits until the backends of a database that has been idle since `idleSince` have reported their counts. */
export async function untilReported(idleSince: number): Promise<void> {
  await sleep(Math.max(0, idleSince + statisticsLagMs - performance.now()));
}

/** Clears up after a load, so that what one side left behind costs neither side anything in the next round. */
export async function tidy(adminUrl: string, databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, (client) => client.query('vacuum analyze'));
  await withClient(adminUrl, (client) => client.query('checkpoint'));
}

export async function withoutAutovacuum(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query('alter system set autovacuum = off');
    await client.query('select pg_reload_conf()');
  });
}

/**
 * Resolves when every run that began since a moment is finished, with the number of transactions that asking took. Both
 * pipelines number their runs with UUIDv7, so the moment is a range of ids.
 * @throws Error after `timeoutMs`
 */
export async function untilRunsFinished(databaseUrl: string, since: Date, timeoutMs: number): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  const firstId = since.getTime().toString(16).padStart(12, '0').padEnd(32, '0');
  return withClient(databaseUrl, async (client) => {
    await client.query('set enable_seqscan = off');
    // Connecting is a transaction, and so is `set`.
    for (let asked = 3; ; asked += 1) {
      const { rowCount } = await client.query('select 1 from run where id >= $1 and finished_at is null limit 1', [
        firstId,
      ]);
      if (rowCount === 0) return asked;
      if (performance.now() > deadline) throw new Error(`After ${timeoutMs / 1000} s some runs are not finished.`);
      await sleep(pollMs);
    }
  });
}
