import { newId, type UserId } from '@millrace/contracts';
import {
  changeUser as writeUser,
  findAccountOf,
  findInvitation,
  findUser,
  hasOtherAdministrator,
  insertUser,
  isElsewhere,
  isEmailTaken,
  lockUsers,
  noteAct,
  putInvitation,
  removeApiTokensOf,
  removeInvitation,
  removeUser as deleteUser,
  sessionRepository,
  setPassword,
  takeInvitation,
  type Actor,
  type Role,
  type UserChange,
  type UserRow,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import type { Caller } from '../http/caller.js';
import { fieldChanges } from '../http/field-changes.js';
import { beginSession, type BegunSession } from '../sessions/begin-session.js';
import { hashPassword } from '../sessions/passwords.js';
import { hashToken, newToken } from '../sessions/session-token.js';

type Deps = Pick<ApiDeps, 'database'>;
type Manager = ApiDeps['database']['dataSource']['manager'];

const invitationDays = 7;
/** Shorter for who can sign in already: until it is used, it stands for a password. */
const resetDays = 1;
const dayMs = 24 * 60 * 60 * 1_000;

/** A link that lets a user choose a password, once. Only its hash is kept. */
export interface Link {
  token: string;
  expiresAt: Date;
}

async function newLink(manager: Manager, { workspaceId }: Actor, userId: UserId, days: number): Promise<Link> {
  const token = newToken('invitation');
  const expiresAt = new Date(Date.now() + days * dayMs);
  await putInvitation(manager, workspaceId, { userId, tokenHash: hashToken(token), expiresAt });
  return { token, expiresAt };
}

export type UserCreation = { outcome: 'created'; user: UserRow; link: Link } | { outcome: 'emailTaken' };

/** Adds a user to the caller's workspace, who chooses a password by the link. */
export async function createUser(
  { database }: Deps,
  caller: Caller,
  given: { email: string; name: string; role: Role },
): Promise<UserCreation> {
  return database.dataSource.transaction(async (manager): Promise<UserCreation> => {
    const { workspaceId } = caller;
    await lockUsers(manager, workspaceId);
    const id = newId<UserId>();
    if (!(await insertUser(manager, workspaceId, { id, ...given }))) return { outcome: 'emailTaken' };
    const link = await newLink(manager, caller, id, invitationDays);
    await noteAct(manager, caller, {
      action: 'user.created',
      entityId: id,
      entityName: given.email,
      changes: fieldChanges({}, given),
    });
    const user = await findUser(manager, workspaceId, id);
    if (!user) throw new Error('a user that was just created is not there');
    return { outcome: 'created', user, link };
  });
}

export type UserRefusal = { outcome: 'missing' | 'lastAdministrator' | 'elsewhere' | 'emailTaken' | 'disabled' };

/**
 * Changes a user. One who is disabled, or whose e-mail address is another now, loses the open link; one who is disabled
 * loses sessions and API tokens, too.
 */
export async function changeUser(
  { database }: Deps,
  caller: Caller,
  id: UserId,
  change: UserChange,
): Promise<{ outcome: 'changed'; user: UserRow } | UserRefusal> {
  const { workspaceId } = caller;
  return database.dataSource.transaction(async (manager) => {
    await lockUsers(manager, workspaceId);
    const user = await findUser(manager, workspaceId, id);
    if (!user) return { outcome: 'missing' as const };
    const { email, name, role, disabled } = change;
    const changes = fieldChanges({ ...user }, { email, name, role, disabled });
    if (changes.length === 0) return { outcome: 'changed' as const, user };
    const changed = new Set(changes.map(({ field }) => field));
    const stepsDown = role === 'member' || disabled === true;
    if (stepsDown && (await isLastAdministrator(manager, caller, user))) {
      return { outcome: 'lastAdministrator' as const };
    }
    if ((changed.has('email') || changed.has('name')) && (await isElsewhere(manager, workspaceId, id))) {
      return { outcome: 'elsewhere' as const };
    }
    if (email !== undefined && (await isEmailTaken(manager, email, id))) return { outcome: 'emailTaken' as const };
    await writeUser(manager, workspaceId, id, change);
    // A link was passed on to the old address.
    if (changed.has('email') || disabled) await removeInvitation(manager, id);
    if (disabled) {
      await sessionRepository(manager).removeOfMember(workspaceId, id);
      await removeApiTokensOf(manager, workspaceId, id);
    }
    await noteAct(manager, caller, { action: 'user.changed', entityId: id, entityName: user.email, changes });
    return { outcome: 'changed' as const, user: (await findUser(manager, workspaceId, id)) ?? user };
  });
}

/** Takes a user out of the workspace, with sessions, API tokens and link. What the user made stays. */
export async function removeUser(
  { database }: Deps,
  caller: Caller,
  id: UserId,
): Promise<{ outcome: 'removed' } | UserRefusal> {
  const { workspaceId } = caller;
  return database.dataSource.transaction(async (manager) => {
    await lockUsers(manager, workspaceId);
    const user = await findUser(manager, workspaceId, id);
    if (!user) return { outcome: 'missing' as const };
    if (await isLastAdministrator(manager, caller, user)) return { outcome: 'lastAdministrator' as const };
    await deleteUser(manager, workspaceId, id);
    await noteAct(manager, caller, { action: 'user.deleted', entityId: id, entityName: user.email });
    return { outcome: 'removed' as const };
  });
}

/** Makes a one-time link by which a user chooses a password; the present one is good until then. Ends the link before. */
export async function renewLink(
  { database }: Deps,
  caller: Caller,
  id: UserId,
): Promise<{ outcome: 'linked'; link: Link } | UserRefusal> {
  const { workspaceId } = caller;
  return database.dataSource.transaction(async (manager) => {
    await lockUsers(manager, workspaceId);
    const user = await findUser(manager, workspaceId, id);
    if (!user) return { outcome: 'missing' as const };
    if (user.disabled) return { outcome: 'disabled' as const };
    // It would open the other workspace, too.
    if (await isElsewhere(manager, workspaceId, id)) return { outcome: 'elsewhere' as const };
    const link = await newLink(manager, caller, id, user.invited ? invitationDays : resetDays);
    await noteAct(manager, caller, { action: 'user.link_created', entityId: id, entityName: user.email });
    return { outcome: 'linked' as const, link };
  });
}

/**
 * Gives the user of a one-time link the password that the user has chosen, ends all sessions of that user and begins a new
 * one. `undefined` when the link is not good (any more).
 */
export async function acceptInvitation(
  { database }: Deps,
  { token, password, ...from }: { token: string; password: string } & Pick<Actor, 'address' | 'requestId'>,
): Promise<BegunSession | undefined> {
  const { dataSource } = database;
  const tokenHash = hashToken(token);
  // Hashing is dear: only who holds a link may cause it.
  if (!(await findInvitation(dataSource.manager, tokenHash))) return undefined;
  const passwordHash = await hashPassword(password);
  return dataSource.transaction(async (manager) => {
    const owner = await takeInvitation(manager, tokenHash);
    if (!owner) return undefined;
    const { workspaceId, userId } = owner;
    await setPassword(manager, userId, passwordHash);
    await sessionRepository(manager).removeOfUser(userId);
    const account = await findAccountOf(manager, workspaceId, userId);
    const session = account && (await beginSession(manager, account));
    if (!session) return undefined;
    const { email } = account;
    const actor = { ...from, workspaceId, userId, email, apiToken: null };
    await noteAct(manager, actor, { action: 'user.password_chosen', entityId: userId, entityName: email });
    return session;
  });
}

async function isLastAdministrator(manager: Manager, { workspaceId }: Caller, user: UserRow): Promise<boolean> {
  // Who cannot sign in as one administers nothing: taking that away shuts nobody out.
  if (user.role !== 'administrator' || user.disabled || user.invited) return false;
  return !(await hasOtherAdministrator(manager, workspaceId, user.id));
}
