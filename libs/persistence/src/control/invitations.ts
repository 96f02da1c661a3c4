import type { UserId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

/** Keeps the one-time link of a user; the one before is no longer good. */
export async function putInvitation(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  invitation: { userId: UserId; tokenHash: Buffer; expiresAt: Date },
): Promise<void> {
  await manager.query(
    `insert into invitation (token_hash, workspace_id, user_id, expires_at) values ($1, $2, $3, $4)
     on conflict (user_id) do update
     set token_hash = excluded.token_hash, workspace_id = excluded.workspace_id, expires_at = excluded.expires_at`,
    [invitation.tokenHash, workspaceId, invitation.userId, invitation.expiresAt],
  );
}

/** For whom a link is good. The token says whose it is, so it is looked for in every workspace. */
export interface InvitationOwner {
  workspaceId: WorkspaceId;
  userId: UserId;
}

/** Whom a link belongs to that is still good. */
export async function findInvitation(manager: EntityManager, tokenHash: Buffer): Promise<InvitationOwner | undefined> {
  const [row] = await manager.query<InvitationOwner[]>(
    `select workspace_id as "workspaceId", user_id as "userId" from invitation
     where token_hash = $1 and expires_at > now()`,
    [tokenHash],
  );
  return row;
}

/** Takes a link out, so that it is good once; `undefined` when it is not good (any more). */
export async function takeInvitation(manager: EntityManager, tokenHash: Buffer): Promise<InvitationOwner | undefined> {
  const [rows] = await manager.query<[InvitationOwner[], number]>(
    `delete from invitation where token_hash = $1 and expires_at > now()
     returning workspace_id as "workspaceId", user_id as "userId"`,
    [tokenHash],
  );
  return rows[0];
}

/** Ends the open link of a user, if there is one. */
export async function removeInvitation(manager: EntityManager, userId: UserId): Promise<void> {
  await manager.query('delete from invitation where user_id = $1', [userId]);
}

/** Removes links that nobody used in time, of every workspace. */
export async function removeExpiredInvitations(manager: EntityManager): Promise<void> {
  await manager.query('delete from invitation where expires_at <= now()');
}
