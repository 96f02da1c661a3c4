import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What steps that gather items keep until these go on together. */
export class Collections20261122205000 implements MigrationInterface {
  readonly name = 'Collections20261122205000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(collections);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// Items that go on together. It is open until it is decided that they do, and which; one is open for each step and key.
const collections = `
create table collection (
  id uuid primary key,
  workspace_id uuid not null references workspace on delete cascade,
  flow_id uuid not null,
  version_id uuid not null,
  step_id text not null,
  -- Of one that gathers the branches of one run.
  run_id uuid,
  -- Of run and key.
  key_hash text not null,
  key json not null,
  max_items integer not null,
  timeout_ms float8 not null,
  -- While open: how many came, of which some may be gone with their runs.
  items integer not null default 0,
  bytes bigint not null default 0,
  deadline timestamptz not null,
  -- When somebody has to look at it; null once all its steps are ended.
  look_at timestamptz,
  closed_at timestamptz,
  reason text check (reason in ('count', 'time', 'branches', 'size')),
  -- The step run that goes on with the items.
  holder_run_id uuid,
  holder_path text collate "C",
  check ((closed_at is null) = (reason is null))
);
create unique index collection_open_idx on collection (version_id, step_id, key_hash) where closed_at is null;
create index collection_look_idx on collection (look_at) where look_at is not null;
create index collection_closed_idx on collection (closed_at) where closed_at is not null;
create index collection_workspace_idx on collection (workspace_id);

-- The item of a step run, which waits for 'collect'. Items of one collection go in while its row is locked: position grows in
-- the order in which they were taken.
create table collected_item (
  run_id uuid not null,
  step_id text not null,
  path text collate "C" not null,
  collection_id uuid not null references collection on delete cascade,
  position bigint generated always as identity,
  item json not null,
  bytes integer not null,
  collected_at timestamptz not null default now(),
  primary key (run_id, step_id, path)
);
create index collected_item_collection_idx on collected_item (collection_id, position);
`;
