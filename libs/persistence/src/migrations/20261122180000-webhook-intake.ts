import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What taking in webhooks needs besides flows: attachments, samples, refused requests, duplicates. */
export class WebhookIntake20261122180000 implements MigrationInterface {
  readonly name = 'WebhookIntake20261122180000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(attachments);
    await runner.query(samples);
    await runner.query(rejections);
    await runner.query(duplicates);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// Bytes go in piece by piece, each piece a statement of its own, so that a slow upload holds no connection: a row is
// `stored` once all of them are there, and nobody reads one that is not. A row is `removing` before its bytes go, and
// goes after them, so that a removal that was interrupted is found again.
const attachments = `
create table attachment (
  id uuid primary key,
  workspace_id uuid not null references workspace on delete cascade,
  run_id uuid not null,
  name text not null,
  content_type text not null,
  size_bytes bigint,
  sha256 bytea,
  store text not null check (store in ('postgres', 's3')),
  status text not null default 'writing' check (status in ('writing', 'stored', 'removing')),
  created_at timestamptz not null default now()
);
create index attachment_run_idx on attachment (run_id);
create index attachment_unfinished_idx on attachment (id) where status <> 'stored';

create table attachment_chunk (
  attachment_id uuid not null references attachment on delete cascade,
  position integer not null,
  bytes bytea not null,
  -- Without its last chunk an attachment is not whole, and nobody reads it.
  last boolean not null,
  primary key (attachment_id, position)
);
-- Files are mostly compressed already: trying again costs time and gains nothing.
alter table attachment_chunk alter column bytes set storage external;
`;

const samples = `
create table sample (
  flow_id uuid not null references flow on delete cascade,
  step_id text not null,
  workspace_id uuid not null references workspace on delete cascade,
  source text not null check (source in ('manual', 'retrieved', 'generated', 'captured')),
  output json not null,
  -- The request it was captured from.
  request_id uuid,
  updated_at timestamptz not null default now(),
  primary key (flow_id, step_id)
);

-- While a row stands and has not expired, the next authenticated request to the flow becomes the sample of the step.
create table sample_capture (
  flow_id uuid primary key references flow on delete cascade,
  step_id text not null,
  workspace_id uuid not null references workspace on delete cascade,
  expires_at timestamptz not null
);
`;

const rejections = `
create table rejected_request (
  id uuid primary key,
  workspace_id uuid not null references workspace on delete cascade,
  flow_id uuid not null references flow on delete cascade,
  received_at timestamptz not null,
  status integer not null,
  reason text not null,
  message text not null,
  method text not null,
  path text not null,
  headers json not null,
  body_bytes bigint,
  body_sha256 bytea
);
create index rejected_request_flow_idx on rejected_request (flow_id, id);
create index rejected_request_time_idx on rejected_request (received_at);

-- A workspace may have a rate of its own instead of the operator's.
alter table workspace add column requests_per_second integer check (requests_per_second > 0);
`;

// A key belongs to the first run that named it, until it expires. Partitions keep the constraint of their parent as
// one of their own, so it is dropped there, too.
const duplicates = `
create table deduplication (
  flow_id uuid not null references flow on delete cascade,
  key_sha256 bytea not null,
  run_id uuid not null,
  expires_at timestamptz not null,
  primary key (flow_id, key_sha256)
);
create index deduplication_expiry_idx on deduplication (expires_at);

do $$
declare
  part regclass;
begin
  alter table run drop constraint run_status_check;
  for part in select inhrelid::regclass from pg_inherits where inhparent = 'run'::regclass loop
    execute format('alter table %s drop constraint if exists run_status_check', part);
  end loop;
end
$$;
alter table run add constraint run_status_check
  check (status in ('queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'duplicate'));
-- Of a duplicate: the run that came first.
alter table run add column duplicate_of uuid;
`;
