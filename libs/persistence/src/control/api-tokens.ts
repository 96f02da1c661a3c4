import type { UserId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { Role } from '../entities/account.entity.js';
import { apiTokenIsGood, apiTokenRole } from './good-api-token.js';
import { pageOf, type Page, type PageRequest } from './pages.js';

/** An API token as administrators see it. */
export interface ApiTokenRow {
  id: string;
  name: string;
  role: Role;
  prefix: string;
  userId: UserId;
  userEmail: string;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

const columns = `
  t.id, t.name, t.role, t.prefix, t.user_id as "userId", u.email as "userEmail", t.created_at as "createdAt",
  t.expires_at as "expiresAt", t.last_used_at as "lastUsedAt"`;

/** Keeps a new token. */
export async function insertApiToken(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  token: Pick<ApiTokenRow, 'id' | 'name' | 'role' | 'prefix' | 'userId' | 'expiresAt'> & { tokenHash: Buffer },
): Promise<void> {
  await manager.query(
    `insert into api_token (id, workspace_id, user_id, name, role, token_hash, prefix, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [token.id, workspaceId, token.userId, token.name, token.role, token.tokenHash, token.prefix, token.expiresAt],
  );
}

/** The tokens of a workspace, newest first, those that have expired too. */
export async function listApiTokens(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { before, limit }: PageRequest<string>,
): Promise<Page<ApiTokenRow>> {
  const rows = await manager.query<ApiTokenRow[]>(
    `select ${columns} from api_token t join "user" u on u.id = t.user_id
     where t.workspace_id = $1 and ($2::uuid is null or t.id < $2) order by t.id desc limit $3`,
    [workspaceId, before ?? null, limit + 1],
  );
  return pageOf(rows, limit);
}

/** One token; `undefined` when the workspace has none of that id. */
export async function findApiToken(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  id: string,
): Promise<ApiTokenRow | undefined> {
  const [row] = await manager.query<ApiTokenRow[]>(
    `select ${columns} from api_token t join "user" u on u.id = t.user_id where t.workspace_id = $1 and t.id = $2`,
    [workspaceId, id],
  );
  return row;
}

/** Ends a token. Resolves with its name; `undefined` when the workspace has none of that id. */
export async function removeApiToken(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  id: string,
): Promise<string | undefined> {
  const [rows] = await manager.query<[{ name: string }[], number]>(
    'delete from api_token where workspace_id = $1 and id = $2 returning name',
    [workspaceId, id],
  );
  return rows[0]?.name;
}

/** Ends the tokens that a user has made in a workspace. Resolves with how many. */
export async function removeApiTokensOf(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  userId: UserId,
): Promise<number> {
  const [, removed] = await manager.query<[unknown[], number]>(
    'delete from api_token where workspace_id = $1 and user_id = $2',
    [workspaceId, userId],
  );
  return removed;
}

/** For whom a token acts that is good now, and where. */
export interface ActiveApiToken {
  id: string;
  name: string;
  userId: UserId;
  email: string;
  userName: string;
  workspaceId: WorkspaceId;
  workspaceName: string;
  /** Never more than its user may: an administrator who became a member has made tokens for more. */
  role: Role;
  expiresAt: Date | null;
  /** Its last use is to be written again. */
  stale: boolean;
}

/** A last use is written at most this often. */
const usedEverySeconds = 60;

/** The token of a hash if it is good; the row says whose it is. */
export async function findActiveApiToken(
  manager: EntityManager,
  tokenHash: Buffer,
): Promise<ActiveApiToken | undefined> {
  const [row] = await manager.query<ActiveApiToken[]>(
    `select t.id, t.name, t.user_id as "userId", u.email, u.name as "userName", t.expires_at as "expiresAt",
            t.workspace_id as "workspaceId", w.name as "workspaceName",
            ${apiTokenRole} as role,
            coalesce(t.last_used_at <= now() - make_interval(secs => $2), true) as stale
     from api_token t
     join membership m on m.workspace_id = t.workspace_id and m.user_id = t.user_id
     join "user" u on u.id = t.user_id
     join workspace w on w.id = t.workspace_id
     where t.token_hash = $1 and ${apiTokenIsGood}`,
    [tokenHash, usedEverySeconds],
  );
  return row;
}

/** Notes that a token was used, unless that was noted less than a minute ago. */
export async function noteApiTokenUse(manager: EntityManager, workspaceId: WorkspaceId, id: string): Promise<void> {
  await manager.query(
    `update api_token set last_used_at = now()
     where workspace_id = $1 and id = $2
       and (last_used_at is null or last_used_at <= now() - make_interval(secs => $3))`,
    [workspaceId, id, usedEverySeconds],
  );
}
