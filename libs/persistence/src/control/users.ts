import type { UserId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { Role } from '../entities/account.entity.js';
import { pageOf, type Page, type PageRequest } from './pages.js';

/** A user as the administrators of a workspace see it. */
export interface UserRow {
  id: UserId;
  email: string;
  name: string;
  role: Role;
  disabled: boolean;
  /** Has not chosen a password yet. */
  invited: boolean;
  /** Until when the open one-time link is good. */
  linkExpiresAt: Date | null;
  lastSignInAt: Date | null;
  createdAt: Date;
}

const select = `
  select u.id, u.email, u.name, m.role, m.disabled_at is not null as disabled, u.password_hash is null as invited,
         i.expires_at as "linkExpiresAt", m.last_sign_in_at as "lastSignInAt", m.created_at as "createdAt"
  from membership m
  join "user" u on u.id = m.user_id
  left join invitation i on i.user_id = u.id and i.workspace_id = m.workspace_id and i.expires_at > now()
  where m.workspace_id = $1`;

/** The users of a workspace, newest first. */
export async function listUsers(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { before, limit }: PageRequest<UserId>,
): Promise<Page<UserRow>> {
  const rows = await manager.query<UserRow[]>(
    `${select} and ($2::uuid is null or u.id < $2) order by u.id desc limit $3`,
    [workspaceId, before ?? null, limit + 1],
  );
  return pageOf(rows, limit);
}

/** One user; `undefined` when the workspace has none of that id. */
export async function findUser(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  id: UserId,
): Promise<UserRow | undefined> {
  return (await manager.query<UserRow[]>(`${select} and u.id = $2`, [workspaceId, id]))[0];
}

/** Until the transaction ends nobody else changes who is in the workspace, and as what. */
export async function lockUsers(manager: EntityManager, workspaceId: WorkspaceId): Promise<void> {
  await manager.query('select from workspace where id = $1 for no key update', [workspaceId]);
}

/** Whether somebody besides this user can sign in as an administrator of the workspace. */
export async function hasOtherAdministrator(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  id: UserId,
): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `select from membership m join "user" u on u.id = m.user_id
     where m.workspace_id = $1 and m.user_id <> $2 and m.role = 'administrator' and m.disabled_at is null
       and u.password_hash is not null limit 1`,
    [workspaceId, id],
  );
  return rows.length > 0;
}

/** Whether the user is in another workspace, too, so that this one may not change what is the user's everywhere. */
export async function isElsewhere(manager: EntityManager, workspaceId: WorkspaceId, id: UserId): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    'select from membership where workspace_id <> $1 and user_id = $2 limit 1',
    [workspaceId, id],
  );
  return rows.length > 0;
}

/** Adds a user without a password to a workspace. Resolves false when the e-mail address has an account already. */
export async function insertUser(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  user: Pick<UserRow, 'id' | 'email' | 'name' | 'role'>,
): Promise<boolean> {
  await lockEmail(manager, user.email);
  const inserted = await manager.query<unknown[]>(
    `insert into "user" (id, email, name) values ($1, $2, $3) on conflict (lower(email)) do nothing returning id`,
    [user.id, user.email, user.name],
  );
  if (inserted.length === 0) return false;
  await manager.query('insert into membership (workspace_id, user_id, role) values ($1, $2, $3)', [
    workspaceId,
    user.id,
    user.role,
  ]);
  return true;
}

/**
 * Whether the e-mail address is that of another user, in any workspace. Until the transaction ends nobody else is given
 * it.
 */
export async function isEmailTaken(manager: EntityManager, email: string, id: UserId): Promise<boolean> {
  await lockEmail(manager, email);
  const rows = await manager.query<unknown[]>(`select from "user" where lower(email) = lower($1) and id <> $2`, [
    email,
    id,
  ]);
  return rows.length > 0;
}

async function lockEmail(manager: EntityManager, email: string): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtextextended('email:' || lower($1), 0))`, [email]);
}

/** What of a user can be changed; what is left out stays. */
export interface UserChange {
  email?: string | undefined;
  name?: string | undefined;
  role?: Role | undefined;
  disabled?: boolean | undefined;
}

/** Changes a user of the workspace. Ask `isEmailTaken` of a new address in the same transaction first. */
export async function changeUser(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  id: UserId,
  { email, name, role, disabled }: UserChange,
): Promise<void> {
  await manager.query(
    `update "user" u set email = coalesce($3, u.email), name = coalesce($4, u.name)
     from membership m where m.workspace_id = $1 and m.user_id = $2 and u.id = m.user_id`,
    [workspaceId, id, email ?? null, name ?? null],
  );
  await manager.query(
    `update membership set role = coalesce($3, role),
       disabled_at = case $4::boolean when true then coalesce(disabled_at, now()) when false then null else disabled_at end
     where workspace_id = $1 and user_id = $2`,
    [workspaceId, id, role ?? null, disabled ?? null],
  );
}

/** Takes a user out of the workspace, with sessions, API tokens and links; one who is in no other is gone. */
export async function removeUser(manager: EntityManager, workspaceId: WorkspaceId, id: UserId): Promise<void> {
  await manager.query('delete from membership where workspace_id = $1 and user_id = $2', [workspaceId, id]);
  await manager.query(
    `delete from "user" u where u.id = $1 and not exists (select from membership m where m.user_id = u.id)`,
    [id],
  );
}
