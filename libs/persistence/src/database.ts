import { DataSource } from 'typeorm';
import type { Pool } from 'pg';
import { BytesQuery, type BytesStatement } from './bytes-query.js';
import { entities } from './entities/all.js';
import { migrations } from './migrations/all.js';

/** One process's door to Postgres: TypeORM for the control plane, `hot` for named statements on the same pool. */
export interface Database {
  readonly dataSource: DataSource;
  /**
   * Runs a prepared statement. `name` is unique to the text: Postgres plans it once per connection.
   * Measured client CPU a call: 45 µs, against 98 µs for `repo.insert` and 384 µs for `repo.save`.
   */
  hot<Row>(statement: { name: string; text: string; values: unknown[] }): Promise<Row[]>;
  /** Runs a prepared statement without rows, whose last parameter goes to the connection as it lies, without a copy. */
  hotBytes(statement: BytesStatement): Promise<void>;
  /** Resolves when Postgres answers; throws with the cause when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** Shown in `pg_stat_activity`. */
  applicationName: string;
  /** Connections at most. */
  poolSize?: number;
  /** A statement that takes longer is given up, so that a server that vanished holds nobody up; 0 for no bound. */
  statementTimeoutMs?: number;
}

// Hot statements look a handful of given keys up in the run tables. Planned while a day's partition is still empty, which
// every partition once is, they would scan it from end to end, and go on to do so while it fills. Just-in-time
// compilation is off because the planner's penalty for what is switched off would set it off.
const plannerOptions = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off';

/** The TypeORM options that services, migrations and tests share. `synchronize` is never on. */
export function dataSourceOptions(options: DatabaseOptions): ConstructorParameters<typeof DataSource>[0] {
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  return {
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName,
    entities,
    migrations,
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'all',
    synchronize: false,
    logging: false,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: 5_000,
    extra: {
      options: plannerOptions,
      statement_timeout: statementTimeoutMs,
      // The server's own bound comes first where the server is still there.
      query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    },
  };
}

/** Connects to Postgres. Throws when it cannot be reached within 5 s. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const dataSource = await new DataSource(dataSourceOptions(options)).initialize();
  const { master } = dataSource.driver as unknown as { master: Pool };
  // An idle connection that breaks is replaced by the pool on its next use; unheard, the event would end the process.
  master.on('error', () => undefined);
  return {
    dataSource,
    hot: async <Row>(statement: { name: string; text: string; values: unknown[] }) =>
      (await master.query(statement)).rows as Row[],
    hotBytes: async (statement) => {
      // A pool resolves when such a query has ended, too; its types are those of a client, which hands the query back.
      await (master.query(new BytesQuery(statement)) as unknown as Promise<unknown>);
    },
    ping: async () => {
      await master.query('select 1');
    },
    close: () => dataSource.destroy(),
  };
}
