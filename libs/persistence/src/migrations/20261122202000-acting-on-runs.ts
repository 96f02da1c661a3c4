import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What acting on runs needs: cancellations, retries and replays, one by one and in bulk, and incidents. */
export class ActingOnRuns20261122202000 implements MigrationInterface {
  readonly name = 'ActingOnRuns20261122202000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(acts);
    await runner.query(jobs);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// No index on run may name its status: an update of a column that an index names touches every index.
const acts = `
-- Of a replay: the run whose request it is.
alter table run add column replay_of uuid;
-- How many attempts there were when a person had it tried again: its policy counts from there.
alter table step_run add column retried_after integer;
-- Failures by flow, for incidents. It costs nothing to what succeeds.
create index step_run_failed_idx on step_run (flow_id, run_id) where status = 'failed';

-- Runs that were cancelled and whose step runs may still be open. It is empty but for moments.
create table run_cancellation (
  run_id uuid primary key,
  cancelled_at timestamptz not null default now()
);
`;

const jobs = `
create table bulk_job (
  id uuid primary key,
  workspace_id uuid not null references workspace on delete cascade,
  action text not null check (action in ('retry', 'replay', 'cancel')),
  version text check (version in ('same', 'current')),
  filter json not null,
  status text not null default 'queued' check (status in ('queued', 'running', 'done', 'cancelled')),
  -- How many runs matched when it began; null until they are counted.
  total integer,
  done integer not null default 0,
  failed integer not null default 0,
  -- The first failures: [{runId, code, message}].
  failures json not null default '[]',
  -- The last run that it acted on; it goes on with higher ids.
  cursor uuid,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  -- The process that works on it, until when unless it says so again. Null between two portions.
  lease_owner uuid,
  lease_until timestamptz,
  -- When its last portion ended: whoever waits longest is next.
  portion_at timestamptz not null default now()
);
create index bulk_job_workspace_idx on bulk_job (workspace_id, id);
create index bulk_job_open_idx on bulk_job (portion_at) where status in ('queued', 'running');
-- One at a time of a workspace.
create unique index bulk_job_running_key on bulk_job (workspace_id) where status = 'running';
`;
