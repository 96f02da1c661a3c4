import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What steps that wait for a call of their resume URL need. */
export class Waits20261122201000 implements MigrationInterface {
  readonly name = 'Waits20261122201000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(waits);
    await runner.query(resumes);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

const waits = `
alter table step_run
  -- Of one that is waiting: resume, or null where it waits for its next attempt.
  add column waiting_for text,
  -- What the step said when it first waited, and until when it waits: being asked once more does not make it wait anew.
  add column wait json,
  add column wait_deadline timestamptz,
  -- How many outputs it has emitted while it waited for repeated calls.
  add column wait_emitted integer;
`;

// What resumes a step is found here whenever it is asked, so a row is neither marked nor removed when it is used. Rows go
// in while the row of their run is locked: position grows in the order in which the calls of a run were taken.
const resumes = `
create table resume (
  id uuid primary key,
  position bigint generated always as identity,
  workspace_id uuid not null references workspace on delete cascade,
  run_id uuid not null,
  step_id text not null,
  path text collate "C" not null,
  once boolean not null,
  request json not null,
  body bytea not null,
  received_at timestamptz not null default now()
);
create unique index resume_once_idx on resume (run_id, step_id, path) where once;
create index resume_step_idx on resume (run_id, step_id, position);
create index resume_time_idx on resume (received_at);
`;
