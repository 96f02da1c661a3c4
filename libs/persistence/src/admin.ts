import { Client, escapeIdentifier } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './database.js';

/** Creates the database that the URL names when the server lacks it. Resolves true when it was created. */
export async function ensureDatabase(databaseUrl: string): Promise<boolean> {
  const name = databaseName(databaseUrl);
  return withAdminClient(databaseUrl, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount) return false;
    await client.query(`create database ${escapeIdentifier(name)}`);
    return true;
  });
}

/**
 * Applies every migration that the database lacks, all in one transaction, and resolves their names.
 * Safe to run from several places at once: an advisory lock lets one go first.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const lock = new Client({ connectionString: databaseUrl });
  await lock.connect();
  try {
    await lock.query(`select pg_advisory_lock(hashtext('millrace.migrate'))`);
    const dataSource = await new DataSource(
      dataSourceOptions({ url: databaseUrl, applicationName: 'migrate', poolSize: 1, statementTimeoutMs: 0 }),
    ).initialize();
    try {
      return (await dataSource.runMigrations()).map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await lock.end();
  }
}

/** Copies a database, as `create database … template` does, and resolves the URL of the copy. */
export async function cloneDatabase(options: { adminUrl: string; template: string; name: string }): Promise<string> {
  const { adminUrl, template, name } = options;
  await withAdminClient(adminUrl, (client) =>
    client.query(`create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`),
  );
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Drops the database that the URL names, ending its connections. Nothing happens when there is none. */
export async function dropDatabase(databaseUrl: string): Promise<void> {
  await withAdminClient(databaseUrl, (client) =>
    client.query(`drop database if exists ${escapeIdentifier(databaseName(databaseUrl))} with (force)`),
  );
}

function databaseName(databaseUrl: string): string {
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  if (name === '') throw new Error('DATABASE_URL names no database: end it with a name, such as /millrace');
  return name;
}

async function withAdminClient<T>(databaseUrl: string, use: (client: Client) => Promise<T>): Promise<T> {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
