import type { FlowId, RunId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A request that was refused, without its body and its secrets. */
export interface NewRejection {
  /** The id that its sender was answered with. */
  id: RunId;
  workspaceId: WorkspaceId;
  flowId: FlowId;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  status: number;
  reason: string;
  message: string;
  method: string;
  path: string;
  /** JSON text. */
  headers: string;
  /** `null` when the body was not read to its end. */
  bodyBytes: number | null;
  bodySha256: Buffer | null;
}

// Only of flows that are still there: one that was purged meanwhile must not cost the others their rows.
const insertText = `
insert into rejected_request
  (id, workspace_id, flow_id, received_at, status, reason, message, method, path, headers, body_bytes, body_sha256)
select t.id, t.workspace_id, t.flow_id, to_timestamp(t.received_at / 1000), t.status, t.reason, t.message, t.method,
       t.path, t.headers, t.body_bytes, t.body_sha256
from unnest(
  $1::uuid[], $2::uuid[], $3::uuid[], $4::float8[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::json[], $11::bigint[], $12::bytea[]
) as t (
  id, workspace_id, flow_id, received_at, status, reason, message, method, path, headers, body_bytes, body_sha256
)
join flow f on f.id = t.flow_id and f.workspace_id = t.workspace_id
on conflict do nothing`;

/** Writes refused requests. Safe to repeat: the id decides. */
export async function insertRejections(database: Database, rejections: readonly NewRejection[]): Promise<void> {
  await database.hot({
    name: 'insert-rejections',
    text: insertText,
    values: [
      rejections.map((one) => one.id),
      rejections.map((one) => one.workspaceId),
      rejections.map((one) => one.flowId),
      rejections.map((one) => one.receivedAt),
      rejections.map((one) => one.status),
      rejections.map((one) => one.reason),
      rejections.map((one) => one.message),
      rejections.map((one) => one.method),
      rejections.map((one) => one.path),
      rejections.map((one) => one.headers),
      rejections.map((one) => one.bodyBytes),
      rejections.map((one) => one.bodySha256),
    ],
  });
}

/**
 * Removes at most `portion` refused requests of a flow beyond its `keep` newest; resolves how many went. Several
 * processes may do so at once: rows that one of them takes are passed over by the others.
 */
export async function removeSurplusRejections(
  database: Database,
  surplus: { flowId: FlowId; keep: number; portion: number },
): Promise<number> {
  const rows = await database.hot({
    name: 'remove-surplus-rejections',
    text: `
delete from rejected_request where id in (
  select id from rejected_request
  where flow_id = $1
    and id < (select id from rejected_request where flow_id = $1 order by id desc offset $2 - 1 limit 1)
  order by id limit $3
  for update skip locked
)
returning 1`,
    values: [surplus.flowId, surplus.keep, surplus.portion],
  });
  return rows.length;
}

/** Removes at most `portion` refused requests that are older than `days`; resolves how many went. As safe as the above. */
export async function removeOldRejections(database: Database, old: { days: number; portion: number }): Promise<number> {
  const rows = await database.hot({
    name: 'remove-old-rejections',
    text: `
delete from rejected_request where id in (
  select id from rejected_request
  where received_at < now() - make_interval(days => $1)
  order by received_at limit $2
  for update skip locked
)
returning 1`,
    values: [old.days, old.portion],
  });
  return rows.length;
}
