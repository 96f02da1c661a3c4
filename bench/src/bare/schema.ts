import { Client } from 'pg';

const schema = `
create table run (
  id uuid primary key,
  status text not null,
  body json not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
create table step_run (
  run_id uuid not null,
  step_id text not null,
  status text not null,
  input json,
  output json,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (run_id, step_id)
);`;

/** Creates the database that the URL names, with the run log of the bare pipeline. */
export async function createBareDatabase(adminUrl: string, databaseUrl: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${new URL(databaseUrl).pathname.slice(1)}`);
  await admin.end();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(schema);
  await client.end();
}
