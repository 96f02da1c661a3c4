import type { FlowId, JsonObject, RunId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import { pageOf, type Page, type PageRequest } from './pages.js';

/** A request that was refused: what it looked like, without its body, and why. */
export interface RejectionRow {
  /** The id that its sender was answered with. */
  id: RunId;
  flowId: FlowId;
  receivedAt: Date;
  /** The HTTP status that it was answered with. */
  status: number;
  reason: string;
  message: string;
  method: string;
  path: string;
  /** Secrets in it are masked. */
  headers: JsonObject;
  /** `null` when the body was not read. */
  bodyBytes: number | null;
  /** In hex; `null` when the body was not read to its end. */
  bodySha256: string | null;
}

export interface RejectionFilter extends PageRequest<RunId> {
  flowId?: FlowId | undefined;
  reason?: string | undefined;
  /** Requests that came at this time or later. */
  from?: Date | undefined;
  /** Requests that came before this time. */
  to?: Date | undefined;
}

const columns = `
  id, flow_id as "flowId", received_at as "receivedAt", status, reason, message, method, path, headers,
  body_bytes::float8 as "bodyBytes", encode(body_sha256, 'hex') as "bodySha256"`;

/** Requests to the flows of a workspace, or to one of them, that were refused, newest first. */
export async function listRejections(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  filter: RejectionFilter,
): Promise<Page<RejectionRow>> {
  const { flowId, reason, from, to, before, limit } = filter;
  const rows = await manager.query<RejectionRow[]>(
    `select ${columns} from rejected_request
     where workspace_id = $1${flowId ? ' and flow_id = $2' : ' and $2::uuid is null'} and ($3::uuid is null or id < $3)
       and ($4::text is null or reason = $4)
       and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
     order by id desc limit $7`,
    [workspaceId, flowId ?? null, before ?? null, reason ?? null, from ?? null, to ?? null, limit + 1],
  );
  return pageOf(rows, limit);
}

/** A refused request by its id; `undefined` when the workspace has none of it. */
export async function findRejection(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  id: RunId,
): Promise<RejectionRow | undefined> {
  const text = `select ${columns} from rejected_request where workspace_id = $1 and id = $2`;
  return (await manager.query<RejectionRow[]>(text, [workspaceId, id]))[0];
}
