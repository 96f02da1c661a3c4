import type { RunId } from '@millrace/contracts';
import { columnsOf } from '../array-parameter.js';
import type { Database } from '../database.js';
import type { NewRun } from './insert-runs.js';

/** A run that waits in the queue of its flow. */
export interface HeldRun extends Omit<NewRun, 'triggerStepId' | 'dueInMs'> {
  /** SHA-256 of the key that orders it; `null` when nothing does. */
  orderKey: Buffer | null;
}

const text = `
with input as (
  select * from unnest(
    $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::float8[], $6::json[], $7::bytea[], $8::bytea[],
    $9::uuid[]
  ) as t (id, workspace_id, flow_id, version_id, received_at, request, body, order_key, replay_of)
), written as (
  insert into run (id, workspace_id, flow_id, version_id, status, open_steps, started_at, request, body, replay_of)
  select id, workspace_id, flow_id, version_id, 'queued', 0, to_timestamp(received_at / 1000), request, body, replay_of
  from input
  on conflict do nothing
  returning id
), held as (
  insert into held_run (flow_id, run_id, workspace_id, version_id, order_key, state)
  select flow_id, id, workspace_id, version_id, order_key, case when order_key is null then 'queued' else 'arrived' end
  from input where (id in (select id from written)) is true
)
select id from written`;

/**
 * Writes runs that do not begin yet: they have no step run, and a place in the queue of their flow. Resolves the ids that
 * were new; the others stay what they are. Safe to repeat.
 */
export async function insertHeldRuns(database: Database, runs: HeldRun[]): Promise<Set<RunId>> {
  const column = columnsOf(runs);
  const rows = await database.hot<{ id: RunId }>({
    name: 'insert-held-runs',
    text,
    values: [
      column('uuid', (run) => run.id),
      column('uuid', (run) => run.workspaceId),
      column('uuid', (run) => run.flowId),
      column('uuid', (run) => run.versionId),
      column('float8', (run) => run.receivedAt),
      column('json', (run) => run.request),
      column('bytea', (run) => run.body),
      column('bytea', (run) => run.orderKey),
      column('uuid', (run) => run.replayOf),
    ],
  });
  return new Set(rows.map((row) => row.id));
}
