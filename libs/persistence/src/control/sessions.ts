import type { UserId, WorkspaceId } from '@millrace/contracts';
import { LessThan, Not, type EntityManager } from 'typeorm';
import { MembershipEntity, SessionEntity, UserEntity, WorkspaceEntity, type Role } from '../entities/account.entity.js';
import { apiTokenIsGood, apiTokenRole } from './good-api-token.js';

/** Who holds a session token, and in which workspace. */
export interface ActiveSession {
  userId: UserId;
  email: string;
  name: string;
  workspaceId: WorkspaceId;
  workspaceName: string;
  role: Role;
  createdAt: Date;
  expiresAt: Date;
}

export interface NewSession {
  tokenHash: Buffer;
  userId: UserId;
  expiresAt: Date;
}

/** Sessions are found by the hash of their token; the row says whose they are. */
export function sessionRepository(manager: EntityManager): {
  create(workspaceId: WorkspaceId, session: NewSession): Promise<void>;
  findActive(tokenHash: Buffer): Promise<ActiveSession | undefined>;
  /** The roles of those tokens, by the hash in hex, that let somebody in: of sessions and of API tokens. */
  activeRoles(tokenHashes: readonly Buffer[]): Promise<Map<string, Role>>;
  extend(workspaceId: WorkspaceId, tokenHash: Buffer, expiresAt: Date): Promise<void>;
  remove(workspaceId: WorkspaceId, tokenHash: Buffer): Promise<void>;
  /** Ends the sessions of a user in every workspace, but for the one of `kept`. Resolves how many. */
  removeOfUser(userId: UserId, kept?: Buffer): Promise<number>;
  /** Ends the sessions of a user in this workspace. Resolves how many. */
  removeOfMember(workspaceId: WorkspaceId, userId: UserId): Promise<number>;
  removeExpired(): Promise<number>;
} {
  return {
    async create(workspaceId, session) {
      await manager.insert(SessionEntity, { ...session, workspaceId });
    },

    findActive: (tokenHash) =>
      manager
        .createQueryBuilder()
        .from(SessionEntity, 's')
        .innerJoin(MembershipEntity, 'm', 'm.workspace_id = s.workspace_id and m.user_id = s.user_id')
        .innerJoin(UserEntity, 'u', 'u.id = s.user_id')
        .innerJoin(WorkspaceEntity, 'w', 'w.id = s.workspace_id')
        .select([
          'u.id as "userId"',
          'u.email as "email"',
          'u.name as "name"',
          'w.id as "workspaceId"',
          'w.name as "workspaceName"',
          'm.role as "role"',
          's.created_at as "createdAt"',
          's.expires_at as "expiresAt"',
        ])
        .where('s.token_hash = :tokenHash and s.expires_at > now() and m.disabled_at is null', { tokenHash })
        .getRawOne<ActiveSession>(),

    async activeRoles(tokenHashes) {
      const rows = await manager.query<{ token: string; role: Role }[]>(
        `select encode(s.token_hash, 'hex') as token, m.role
         from session s join membership m on m.workspace_id = s.workspace_id and m.user_id = s.user_id
         where s.token_hash = any ($1::bytea[]) and s.expires_at > now() and m.disabled_at is null
         union all
         select encode(t.token_hash, 'hex'), ${apiTokenRole}
         from api_token t join membership m on m.workspace_id = t.workspace_id and m.user_id = t.user_id
         where t.token_hash = any ($1::bytea[]) and ${apiTokenIsGood}`,
        [tokenHashes],
      );
      return new Map(rows.map(({ token, role }) => [token, role]));
    },

    async extend(workspaceId, tokenHash, expiresAt) {
      // Never shorter: two requests at once may arrive here in either order.
      await manager
        .createQueryBuilder()
        .update(SessionEntity)
        .set({ expiresAt })
        .where('workspace_id = :workspaceId and token_hash = :tokenHash and expires_at < :expiresAt')
        .setParameters({ workspaceId, tokenHash, expiresAt })
        .execute();
    },

    async remove(workspaceId, tokenHash) {
      await manager.delete(SessionEntity, { workspaceId, tokenHash });
    },

    async removeOfUser(userId, kept) {
      const other = kept && { tokenHash: Not(kept) };
      return (await manager.delete(SessionEntity, { userId, ...other })).affected ?? 0;
    },

    async removeOfMember(workspaceId, userId) {
      return (await manager.delete(SessionEntity, { workspaceId, userId })).affected ?? 0;
    },

    async removeExpired() {
      return (await manager.delete(SessionEntity, { expiresAt: LessThan(new Date()) })).affected ?? 0;
    },
  };
}
