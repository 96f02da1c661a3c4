import { createHash } from 'node:crypto';
import {
  newId,
  type FlowId,
  type FlowVersionId,
  type Gathering,
  type Json,
  type WorkspaceId,
} from '@millrace/contracts';
import type { Database } from '../database.js';
import { maxBatchBytes } from './close-collection.js';
import type { StepRunKey } from './read-step-runs.js';

/** A step run that begins to wait with an item. */
export interface CollectingStep extends StepRunKey {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  attempt: number;
  item: Json;
  gathering: Gathering;
  /** JSON text. */
  logs: string | null;
  componentVersion: string | null;
}

// Whoever adds to a collection, or closes it, holds its row. All take these rows first, in the order of their hashes, then
// those of runs, and those of step runs last.
const openText = `
insert into collection (id, workspace_id, flow_id, version_id, step_id, run_id, key_hash, key, max_items, timeout_ms, deadline, look_at)
select id, workspace_id, flow_id, version_id, step_id, run_id, key_hash, key, max_items, timeout_ms, deadline, deadline
from unnest(
  $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::json[], $9::int[], $10::float8[]
) as t (id, workspace_id, flow_id, version_id, step_id, run_id, key_hash, key, max_items, timeout_ms),
     lateral (select now() + make_interval(secs => timeout_ms / 1000) as deadline) d
on conflict (version_id, step_id, key_hash) where closed_at is null do update set deadline = collection.deadline
returning id, version_id as "versionId", step_id as "stepId", key_hash as "keyHash"`;

const lockRunsText = `select id from run where id = any ($1::uuid[]) order by id for update`;

// Compare-and-set on status and attempt, as everywhere. No item waits longer than its own time: a collection counts from its
// first one.
const waitText = `
with won as (
  update step_run s
  set status = 'waiting', waiting_for = 'collect', logs = t.logs, component_version = t.component_version,
      wait_deadline = now() + make_interval(secs => t.timeout_ms / 1000),
      due_at = now() + make_interval(secs => t.timeout_ms / 1000)
  from unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::json[], $7::text[], $8::float8[])
    as t (position, run_id, step_id, path, attempt, logs, component_version, timeout_ms)
  where s.run_id = t.run_id and s.step_id = t.step_id and s.path = t.path
    and s.status = 'running' and s.attempt = t.attempt
  returning t.position, s.run_id
), stopped as (
  update run set status = 'waiting'
  where id in (select run_id from won) and status = 'running' and finished_at is null
)
select position from won`;

// An item that is there already is that of a step that was asked once more: its collection is looked at again.
const keepText = `
with given as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::json[], $6::int[])
    with ordinality as t (run_id, step_id, path, collection_id, item, bytes, position)
), kept as (
  insert into collected_item (run_id, step_id, path, collection_id, item, bytes)
  select run_id, step_id, path, collection_id, item, bytes from given order by position
  on conflict do nothing
  returning collection_id, bytes
), counted as (
  update collection c
  set items = c.items + k.items, bytes = c.bytes + k.bytes,
      look_at = case
        when c.run_id is not null or c.items + k.items >= c.max_items or c.bytes + k.bytes >= ${maxBatchBytes} then now()
        else c.look_at
      end
  from (select collection_id, count(*)::int as items, sum(bytes)::bigint as bytes from kept group by collection_id) k
  where c.id = k.collection_id
)
update collection c set look_at = now()
from given g join collected_item i on i.run_id = g.run_id and i.step_id = g.step_id and i.path = g.path
where c.id = i.collection_id and c.closed_at is not null`;

/**
 * Lets step runs wait with an item each; their runs wait with them. An item counts once however often its step says so. Resolves
 * the indexes of those that took effect; the others wait already, have ended, or are unknown. Safe to repeat.
 */
export async function collectItems(database: Database, steps: CollectingStep[]): Promise<Set<number>> {
  const groups = new Map<string, CollectingStep>();
  for (const step of steps) groups.set(groupOf(step), step);
  const ordered = [...groups.values()].toSorted((a, b) => (groupOf(a) < groupOf(b) ? -1 : 1));
  return database.dataSource.transaction(async (manager) => {
    const open = await manager.query<{ id: string; versionId: string; stepId: string; keyHash: string }[]>(openText, [
      ordered.map(() => newId()),
      ordered.map((step) => step.workspaceId),
      ordered.map((step) => step.flowId),
      ordered.map((step) => step.versionId),
      ordered.map((step) => step.stepId),
      ordered.map((step) => (step.gathering.scope === 'run' ? step.runId : null)),
      ordered.map(keyHashOf),
      ordered.map((step) => JSON.stringify(step.gathering.key)),
      ordered.map((step) => step.gathering.maxItems),
      ordered.map((step) => step.gathering.timeoutMs),
    ]);
    const collections = new Map(
      open.map(({ id, versionId, stepId, keyHash }) => [`${keyHash} ${versionId} ${stepId}`, id]),
    );
    await manager.query(lockRunsText, [steps.map((step) => step.runId)]);
    const rows = await manager.query<{ position: number }[]>(waitText, [
      steps.map((_, position) => position),
      steps.map((step) => step.runId),
      steps.map((step) => step.stepId),
      steps.map((step) => step.path),
      steps.map((step) => step.attempt),
      steps.map((step) => step.logs),
      steps.map((step) => step.componentVersion),
      steps.map((step) => step.gathering.timeoutMs),
    ]);
    const won = new Set(rows.map(({ position }) => position));
    const kept = steps
      .filter((_, position) => won.has(position))
      .map((step) => ({ step, item: JSON.stringify(step.item) }));
    if (kept.length > 0) {
      await manager.query(keepText, [
        kept.map(({ step }) => step.runId),
        kept.map(({ step }) => step.stepId),
        kept.map(({ step }) => step.path),
        kept.map(({ step }) => collections.get(groupOf(step))),
        kept.map(({ item }) => item),
        kept.map(({ item }) => Buffer.byteLength(item)),
      ]);
    }
    return won;
  });
}

function keyHashOf({ gathering: { scope, key }, runId }: CollectingStep): string {
  const parts = [scope === 'run' ? runId : null, key];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function groupOf(step: CollectingStep): string {
  return `${keyHashOf(step)} ${step.versionId} ${step.stepId}`;
}
