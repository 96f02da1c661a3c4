import { newId, type UserId, type WorkspaceId } from '@millrace/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { MembershipEntity, UserEntity, WorkspaceEntity, type Role } from '../entities/account.entity.js';

/** A user in one workspace, as sign-in finds it. */
export interface Account {
  userId: UserId;
  email: string;
  name: string;
  passwordHash: string;
  workspaceId: WorkspaceId;
  workspaceName: string;
  role: Role;
}

/** The account of an e-mail address in the workspace that the user joined first; letter case does not count. */
export async function findAccount(manager: EntityManager, email: string): Promise<Account | undefined> {
  return manager
    .createQueryBuilder()
    .from(UserEntity, 'u')
    .innerJoin(MembershipEntity, 'm', 'm.user_id = u.id')
    .innerJoin(WorkspaceEntity, 'w', 'w.id = m.workspace_id')
    .select([
      'u.id as "userId"',
      'u.email as "email"',
      'u.name as "name"',
      'u.password_hash as "passwordHash"',
      'w.id as "workspaceId"',
      'w.name as "workspaceName"',
      'm.role as "role"',
    ])
    .where('lower(u.email) = lower(:email)', { email })
    .orderBy('m.created_at')
    .limit(1)
    .getRawOne<Account>();
}

export interface FirstAccount {
  email: string;
  name: string;
  passwordHash: string;
  workspaceName: string;
}

/**
 * Creates the first workspace and its administrator when there is no administrator yet. Resolves whether it did.
 * Safe to run from several places at once: an advisory lock lets one go first and the others find its work.
 */
export async function createFirstAccount(
  dataSource: DataSource,
  prepare: () => Promise<FirstAccount>,
): Promise<boolean> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`select pg_advisory_xact_lock(hashtext('millrace.bootstrap'))`);
    if (await manager.existsBy(MembershipEntity, { role: 'administrator' })) return false;
    const { email, name, passwordHash, workspaceName } = await prepare();
    const workspaceId = newId<WorkspaceId>();
    const userId = newId<UserId>();
    await manager.insert(WorkspaceEntity, { id: workspaceId, name: workspaceName });
    await manager.insert(UserEntity, { id: userId, email, name, passwordHash });
    await manager.insert(MembershipEntity, { workspaceId, userId, role: 'administrator' });
    return true;
  });
}
