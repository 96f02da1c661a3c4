import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When flows with a polling trigger are polled, and what their triggers keep from one poll to the next. */
export class Schedules20261122203000 implements MigrationInterface {
  readonly name = 'Schedules20261122203000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(schedules);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// A row for every flow whose published version has a polling trigger, whether it runs or not.
const schedules = `
create table schedule (
  flow_id uuid primary key references flow on delete cascade,
  workspace_id uuid not null references workspace on delete cascade,
  version_id uuid not null,
  -- Component and operation: a snapshot is of no use to another one.
  trigger_operation text not null,
  -- Null while the flow is stopped.
  due_at timestamptz,
  snapshot json,
  snapshot_at timestamptz,
  -- The run whose trigger step polls; until it has settled, or the run has ended, no other poll begins.
  polling_run_id uuid,
  -- False once the snapshot was reset while a poll was under way: what that one saves is out of date.
  saves_snapshot boolean not null default true,
  -- When the message of the poll may be sent again; null once the broker has confirmed it.
  resend_at timestamptz,
  last_at timestamptz,
  -- Null when the last poll found nothing, for its run is gone.
  last_run_id uuid,
  last_status text check (last_status in ('running', 'succeeded', 'failed')),
  last_outputs integer
);
create index schedule_due_idx on schedule (due_at) where due_at is not null;
create index schedule_resend_idx on schedule (resend_at) where resend_at is not null;
`;
