import {
  admitSignIn,
  changePassword as writePassword,
  findAccountOf,
  forgetSignInFailures,
  noteAct,
  removeInvitation,
  sessionRepository,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import type { Caller } from '../http/caller.js';
import { hashPassword, passwordMatches } from './passwords.js';
import { signInBounds, signInWindowSeconds } from './sign-in-bounds.js';

export type PasswordChange =
  | { outcome: 'changed' }
  | { outcome: 'wrong' | 'same' }
  | { outcome: 'tooMany'; retryAfterSeconds: number };

/**
 * Changes the password of who holds the session, and ends all other sessions of that user. A wrong present password counts
 * as a failed sign-in, so that a session that was left open helps nobody to guess it.
 */
export async function changePassword(
  { database }: Pick<ApiDeps, 'database'>,
  caller: Caller,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
): Promise<PasswordChange> {
  const { dataSource } = database;
  const { workspaceId, userId, email, tokenHash } = caller;
  const bounds = signInBounds(email, caller.address);
  const admission = await admitSignIn(dataSource, bounds, signInWindowSeconds);
  if (!admission.admitted) return { outcome: 'tooMany', retryAfterSeconds: admission.retryAfterSeconds };
  const account = await findAccountOf(dataSource.manager, workspaceId, userId);
  const known = account?.passwordHash;
  if (!(await passwordMatches(known, currentPassword)) || !known) return { outcome: 'wrong' };
  await forgetSignInFailures(dataSource.manager, admission.failure, bounds[0].key);
  if (newPassword === currentPassword) return { outcome: 'same' };
  const passwordHash = await hashPassword(newPassword);
  return dataSource.transaction(async (manager): Promise<PasswordChange> => {
    // Changed by another request meanwhile: what was given is no longer the present one.
    if (!(await writePassword(manager, userId, { known, passwordHash }))) return { outcome: 'wrong' };
    await sessionRepository(manager).removeOfUser(userId, tokenHash);
    await removeInvitation(manager, userId);
    await noteAct(manager, caller, { action: 'user.password_changed', entityId: userId, entityName: email });
    return { outcome: 'changed' };
  });
}
