import type { FlowId, FlowVersionId, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import { columnsOf } from '../array-parameter.js';
import type { Database } from '../database.js';

/** A run that begins: its row and the row of its trigger step are written together. */
export interface NewRun {
  id: RunId;
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  triggerStepId: StepId;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** JSON text of the request without its body. */
  request: string;
  body: Buffer;
  /** When the reconciler may dispatch the trigger step again, in milliseconds from now. */
  dueInMs: number;
  /** Of a replay: the run whose request it is. */
  replayOf?: RunId | undefined;
}

// There are two of it: a batch without replays is not a column wider for those with. A run that was written before without
// a step run, as one that is queued, gets none here. The condition is no join: as a subplan it is hashed, whatever the
// planner may do with joins.
const statement = (replays: boolean): string => `
with input as (
  select * from unnest(
    $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::float8[], $7::json[], $8::bytea[], $9::int[]
    ${replays ? ', $10::uuid[]' : ''}
  ) as t (id, workspace_id, flow_id, version_id, step_id, received_at, request, body, due_in_ms${replays ? ', replay_of' : ''})
), begun as (
  insert into run (id, workspace_id, flow_id, version_id, status, open_steps, started_at, request, body${replays ? ', replay_of' : ''})
  select id, workspace_id, flow_id, version_id, 'running', 1, to_timestamp(received_at / 1000), request, body
         ${replays ? ', replay_of' : ''}
  from input
  on conflict do nothing
  returning id
), dispatched as (
  insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, due_at)
  select id, step_id, '', workspace_id, flow_id, version_id, 'running', now() + make_interval(secs => due_in_ms / 1000.0)
  from input where (id in (select id from begun)) is true
  on conflict do nothing
)
select id from begun`;

const texts = { 'insert-runs': statement(false), 'insert-runs-with-replays': statement(true) };

/**
 * Writes runs with their trigger steps in one transaction and resolves the ids that were new. Ids that are missing
 * from the answer were written by an earlier delivery of the same trigger. Safe to repeat.
 */
export async function insertRuns(database: Database, runs: NewRun[]): Promise<Set<RunId>> {
  const replays = runs.some(({ replayOf }) => replayOf !== undefined);
  const column = columnsOf(runs);
  const name = replays ? 'insert-runs-with-replays' : 'insert-runs';
  const rows = await database.hot<{ id: RunId }>({
    name,
    text: texts[name],
    values: [
      column('uuid', (run) => run.id),
      column('uuid', (run) => run.workspaceId),
      column('uuid', (run) => run.flowId),
      column('uuid', (run) => run.versionId),
      column('text', (run) => run.triggerStepId),
      column('float8', (run) => run.receivedAt),
      column('json', (run) => run.request),
      column('bytea', (run) => run.body),
      column('int4', (run) => run.dueInMs),
      ...(replays ? [column('uuid', (run) => run.replayOf)] : []),
    ],
  });
  return new Set(rows.map((row) => row.id));
}
