import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the console reads: word of changes, as they are committed. */
export class ConsoleReads20261123110000 implements MigrationInterface {
  readonly name = 'ConsoleReads20261123110000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(announcements);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

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
