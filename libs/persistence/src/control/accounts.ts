import { newId, type UserId, type WorkspaceId } from '@millrace/contracts';
import type { DataSource, EntityManager, SelectQueryBuilder } from 'typeorm';
import { MembershipEntity, UserEntity, WorkspaceEntity, type Role } from '../entities/account.entity.js';

/** A user in one workspace, as sign-in finds it. */
export interface Account {
  userId: UserId;
  email: string;
  name: string;
  /** Null until an invited user has chosen a password. */
  passwordHash: string | null;
  /** An administrator has shut the user out of the workspace. */
  disabled: boolean;
  workspaceId: WorkspaceId;
  workspaceName: string;
  role: Role;
}

/**
 * The account of an e-mail address in the workspace that the user joined first, of those where the user is not disabled if
 * there is one; letter case does not count.
 */
export async function findAccount(manager: EntityManager, email: string): Promise<Account | undefined> {
  return accounts(manager)
    .where('lower(u.email) = lower(:email)', { email })
    .orderBy('m.disabled_at is not null')
    .addOrderBy('m.created_at')
    .limit(1)
    .getRawOne<Account>();
}

/** The account of a user in a workspace. */
export async function findAccountOf(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  userId: UserId,
): Promise<Account | undefined> {
  return accounts(manager)
    .where('m.workspace_id = :workspaceId and m.user_id = :userId', { workspaceId, userId })
    .getRawOne<Account>();
}

function accounts(manager: EntityManager): SelectQueryBuilder<UserEntity> {
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
      'm.disabled_at is not null as "disabled"',
    ]);
}

export interface FirstAccount {
  email: string;
  name: string;
  passwordHash: string;
  workspaceName: string;
}

/**
 * Creates the first workspace and its administrator when there is no administrator yet. Resolves whether it did. What
 * `within` does belongs to the same transaction.
 * Safe to run from several places at once: an advisory lock lets one go first and the others find its work.
 */
export async function createFirstAccount(
  dataSource: DataSource,
  prepare: () => Promise<FirstAccount>,
  within?: (manager: EntityManager, created: { workspaceId: WorkspaceId; userId: UserId }) => Promise<void>,
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
    await within?.(manager, { workspaceId, userId });
    return true;
  });
}

/** Whether somebody can administer this installation already. */
export function hasAdministrator(manager: EntityManager): Promise<boolean> {
  return manager.existsBy(MembershipEntity, { role: 'administrator' });
}

/** Gives a user another password, unless it is not `known` any more. Resolves whether it did. */
export async function changePassword(
  manager: EntityManager,
  userId: UserId,
  { known, passwordHash }: { known: string; passwordHash: string },
): Promise<boolean> {
  const [, changed] = await manager.query<[unknown[], number]>(
    `update "user" set password_hash = $3 where id = $1 and password_hash = $2`,
    [userId, known, passwordHash],
  );
  return changed === 1;
}

/** Sets the password of a user, whatever it was. */
export async function setPassword(manager: EntityManager, userId: UserId, passwordHash: string): Promise<void> {
  await manager.query(`update "user" set password_hash = $2 where id = $1`, [userId, passwordHash]);
}

/**
 * Notes a sign-in that the account of that moment was checked for. Resolves false when password or membership have changed
 * since, so that no session may begin. Until the transaction ends neither can change.
 */
export async function noteSignIn(
  manager: EntityManager,
  { userId, workspaceId, passwordHash }: Pick<Account, 'userId' | 'workspaceId' | 'passwordHash'>,
): Promise<boolean> {
  const same = await manager.query<unknown[]>(`select from "user" where id = $1 and password_hash = $2 for share`, [
    userId,
    passwordHash,
  ]);
  if (same.length === 0) return false;
  const [, noted] = await manager.query<[unknown[], number]>(
    `update membership set last_sign_in_at = now() where workspace_id = $1 and user_id = $2 and disabled_at is null`,
    [workspaceId, userId],
  );
  return noted === 1;
}
