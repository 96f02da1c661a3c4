import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the console reads: word of changes, as they are committed. */
export class ConsoleReads20261123110000 implements MigrationInterface {
  readonly name = 'ConsoleReads20261123110000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(announcements);
    await runner.query(rejections);
    await runner.query(counts);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// Kept by the api, which counts hours that are over: see control/run-counts.ts.
const counts = `
create table run_hour (
  workspace_id uuid not null references workspace on delete cascade,
  hour timestamptz not null,
  flow_id uuid not null,
  queued integer not null,
  running integer not null,
  waiting integer not null,
  succeeded integer not null,
  failed integer not null,
  cancelled integer not null,
  duplicate integer not null,
  primary key (workspace_id, hour, flow_id)
);
create index run_hour_open_idx on run_hour (workspace_id) where queued + running + waiting > 0;

create table run_hour_count (
  workspace_id uuid not null references workspace on delete cascade,
  hour timestamptz not null,
  counted_at timestamptz not null,
  -- A run of it had not ended.
  open boolean not null,
  -- Until then it is counted again every minute: somebody has acted on a run of it.
  eager_until timestamptz,
  primary key (workspace_id, hour)
);
`;

const rejections = `
-- Of all flows of a workspace, newest first.
create index rejected_request_workspace_idx on rejected_request (workspace_id, id);
`;

// Whoever changes such a row, a person's call or a service, announces it in the same transaction, and nobody can forget to.
// Runs and their steps have no such trigger: they are the traffic. A row of a component has no workspace; of a parked message
// its content says which one, and that is read by whoever wants to know. Rejections come in batches: one word a flow.
const announcements = `
create function announce_change(workspace_id uuid, type text, flow_id uuid, id text) returns void language sql as $$
  select pg_notify(
    'millrace_change',
    json_build_object('workspaceId', workspace_id, 'type', type, 'flowId', flow_id, 'id', id)::text
  )
$$;

create function announce_flow() returns trigger language plpgsql as $$
declare
  changed flow := case when tg_op = 'DELETE' then old else new end;
begin
  perform announce_change(changed.workspace_id, 'flow', changed.id, null);
  return null;
end
$$;
create trigger announce_flow after insert or update or delete on flow
  for each row execute function announce_flow();

create function announce_credential() returns trigger language plpgsql as $$
declare
  changed credential := case when tg_op = 'DELETE' then old else new end;
begin
  perform announce_change(changed.workspace_id, 'credential', null, changed.id::text);
  return null;
end
$$;
create trigger announce_credential after insert or update or delete on credential
  for each row execute function announce_credential();

create function announce_sample() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform announce_change(old.workspace_id, 'sample', old.flow_id, old.step_id);
  else
    perform announce_change(new.workspace_id, 'sample', new.flow_id, new.step_id);
  end if;
  return null;
end
$$;
create trigger announce_sample after insert or update or delete on sample
  for each row execute function announce_sample();
create trigger announce_sample after insert or update or delete on sample_capture
  for each row execute function announce_sample();

create function announce_rejections() returns trigger language plpgsql as $$
begin
  perform announce_change(workspace_id, 'rejection', flow_id, null)
  from (select distinct workspace_id, flow_id from written) as flows;
  return null;
end
$$;
create trigger announce_rejections after insert on rejected_request
  referencing new table as written for each statement execute function announce_rejections();

create function announce_parked() returns trigger language plpgsql as $$
begin
  perform announce_change(null, 'parked', null, new.id::text);
  return null;
end
$$;
create trigger announce_parked after insert on parked_message
  for each row execute function announce_parked();

create function announce_job() returns trigger language plpgsql as $$
begin
  perform announce_change(new.workspace_id, 'job', null, new.id::text);
  return null;
end
$$;
create trigger announce_job after insert or update on bulk_job
  for each row execute function announce_job();

create function announce_component() returns trigger language plpgsql as $$
begin
  perform announce_change(null, 'component', null, new.name);
  return null;
end
$$;
create trigger announce_component after insert on component
  for each row execute function announce_component();
-- Components say every few seconds that they are there: that is no change.
create trigger announce_component_change after update on component
  for each row when (old.version is distinct from new.version or old.descriptor::text is distinct from new.descriptor::text)
  execute function announce_component();

create function announce_resume() returns trigger language plpgsql as $$
begin
  perform announce_change(new.workspace_id, 'run', null, new.run_id::text);
  return null;
end
$$;
create trigger announce_resume after insert on resume
  for each row execute function announce_resume();
`;
