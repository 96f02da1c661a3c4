import type { CredentialId, UserId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

/** An authorization that a person has begun and not finished yet. */
export interface OAuth2Authorization {
  id: string;
  component: string;
  name: string;
  /** The credential that gets new tokens; null for a new one. */
  credentialId: CredentialId | null;
  sealed: string;
}

/** Who began it; nobody else can finish it. */
export interface AuthorizationOwner {
  workspaceId: WorkspaceId;
  userId: UserId;
}

/** Keeps an authorization until it is finished or expires. */
export async function insertOAuth2Authorization(
  manager: EntityManager,
  owner: AuthorizationOwner,
  authorization: OAuth2Authorization & { stateHash: Buffer; expiresAt: Date },
): Promise<void> {
  const { id, stateHash, component, name, credentialId, sealed, expiresAt } = authorization;
  await manager.query(
    `insert into oauth2_authorization
       (id, state_hash, workspace_id, user_id, component, name, credential_id, sealed, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, stateHash, owner.workspaceId, owner.userId, component, name, credentialId, sealed, expiresAt],
  );
}

/** Takes the authorization of a state out, so that it is good once; `undefined` when there is none of this owner. */
export async function takeOAuth2Authorization(
  manager: EntityManager,
  owner: AuthorizationOwner,
  stateHash: Buffer,
): Promise<OAuth2Authorization | undefined> {
  const [rows] = await manager.query<[OAuth2Authorization[], number]>(
    `delete from oauth2_authorization
     where state_hash = $1 and workspace_id = $2 and user_id = $3 and expires_at > now()
     returning id, component, name, credential_id as "credentialId", sealed`,
    [stateHash, owner.workspaceId, owner.userId],
  );
  return rows[0];
}

/** Removes authorizations that nobody finished in time, of every workspace. */
export async function removeExpiredOAuth2Authorizations(manager: EntityManager): Promise<void> {
  await manager.query(`delete from oauth2_authorization where expires_at <= now()`);
}
