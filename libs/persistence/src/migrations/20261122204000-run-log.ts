import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What searching the run log, ending it and counting it need. */
export class RunLog20261122204000 implements MigrationInterface {
  readonly name = 'RunLog20261122204000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(search);
    await runner.query(retention);
    await runner.query(ledger);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// Only steps that failed are in these: one that succeeds pays for nothing but the look at its status.
const search = `
create index step_run_failed_workspace_idx on step_run (workspace_id, run_id) where status = 'failed';
`;

// Detaching and dropping lock the whole run log for a moment, and whoever waits for that lock has all others wait behind
// it. So the wait is far shorter than what Postgres takes for a deadlock, and who gets no lock leaves without a trace. What
// has to be read at length was read before: here only the open steps are looked at once more, by their small index.
const retention = `
alter table workspace
  -- How long runs are kept after their end.
  add column retention_days integer not null default 30 check (retention_days between 1 and 3650);

-- Drops a day of the run log, but for the runs that are named: they move to the default partitions. Says what became
-- of it: dropped, busy (no lock was to be had), changed (a run that is not named is open), or gone.
create function drop_run_partition(day date, kept uuid[]) returns text
language plpgsql set lock_timeout = '100ms' as $$
declare
  run_table text := 'run_' || to_char(day, 'YYYYMMDD');
  step_table text := 'step_run_' || to_char(day, 'YYYYMMDD');
  is_open boolean;
begin
  if to_regclass(run_table) is null or to_regclass(step_table) is null then
    return 'gone';
  end if;
  lock table only run, only step_run in access exclusive mode;
  execute format('select exists (select 1 from %I where due_at is not null and run_id <> all ($1))', step_table)
    into is_open using kept;
  if is_open then
    return 'changed';
  end if;
  execute format('alter table run detach partition %I', run_table);
  execute format('alter table step_run detach partition %I', step_table);
  execute format('insert into run_default select * from %I where id = any ($1)', run_table) using kept;
  execute format('insert into step_run_default select * from %I where run_id = any ($1)', step_table) using kept;
  execute format('drop table %I, %I', run_table, step_table);
  return 'dropped';
exception when lock_not_available or deadlock_detected then
  return 'busy';
end
$$;
`;

// An instance of webhooks-service writes what it has counted since it began, so a row that is written twice says the same.
const ledger = `
create table accepted_calls (
  flow_id uuid not null references flow on delete cascade,
  -- The hour in which the calls came in, as their ids tell it.
  hour timestamptz not null,
  instance_id uuid not null,
  workspace_id uuid not null references workspace on delete cascade,
  calls bigint not null,
  primary key (flow_id, hour, instance_id)
);
create index accepted_calls_workspace_idx on accepted_calls (workspace_id, hour);
`;
