import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What trying a failed step again needs. */
export class Retries20261122190000 implements MigrationInterface {
  readonly name = 'Retries20261122190000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(retries);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// A step run that waits for its next attempt has the status waiting, the number of that attempt, and its time in due_at.
// The index on due_at of all that is open would lead past every overdue step whose component is away.
const retries = `
alter table step_run
  -- The failed attempts before the present one, oldest first: [{attempt, startedAt, finishedAt, error}].
  add column attempts json,
  -- While waiting: how long after the release the reconciler may publish it again.
  add column overdue_after_ms integer;
create index step_run_waiting_idx on step_run (due_at) where status = 'waiting';
`;
