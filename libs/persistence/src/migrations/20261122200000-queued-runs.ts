import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What runs that wait for their flow need: the queue of paused flows, and of those that set a limit or an order. */
export class QueuedRuns20261122200000 implements MigrationInterface {
  readonly name = 'QueuedRuns20261122200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(queuedRuns);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

// The states of a held run:
//
//   arrived ─▶ behind ─▶ queued ─▶ begun ─▶ (gone)
//      └──────────────────▲          └─▶ failed ─▶ (gone)
//
//   arrived  nobody has looked yet whether an earlier run of its key is not over
//   behind   an earlier run of its key is not over
//   queued   it may begin when there is room
//   begun    it has a place, and its key, until it ends
//   failed   it has ended and keeps its key: the next one may not begin
//
// A run without a key arrives as queued. The indexes hold what is looked for and no more: what merely waits behind others of
// its key, or has begun, is not in the way of looking for what may begin.
const queuedRuns = `
create table held_run (
  flow_id uuid not null,
  run_id uuid not null,
  workspace_id uuid not null,
  version_id uuid not null,
  -- SHA-256 of the key that its version orders it by.
  order_key bytea,
  state text not null check (state in ('arrived', 'behind', 'queued', 'begun', 'failed')),
  primary key (flow_id, run_id)
);
create index held_run_ready_idx on held_run (flow_id, state, run_id) where state in ('arrived', 'queued');
create index held_run_holder_idx on held_run (flow_id, state, run_id) where state in ('begun', 'failed');
create index held_run_key_idx on held_run (flow_id, order_key, state, run_id) where order_key is not null;

-- Of a flow that was paused and started again: how fast the runs before this id begin.
create table flow_queue (
  flow_id uuid primary key references flow on delete cascade,
  drain_before uuid not null,
  -- Null for the rate that the flow's version sets.
  runs_per_second double precision check (runs_per_second > 0),
  -- How many may begin now: the rate holds for all orchestrators together.
  tokens double precision not null default 0,
  refilled_at timestamptz not null default now()
);

-- Whether runs of its requests are held. A paused flow that is stopped goes on to hold what was accepted before.
alter table flow add column holds_runs boolean not null default false;
update flow set holds_runs = true where status = 'paused';
create index flow_holds_runs_idx on flow (id) where holds_runs;
`;
