import { noteSignIn, sessionRepository, type Account, type Database } from '@millrace/persistence';
import { expiryOf } from './session-life.js';
import { hashToken, newToken } from './session-token.js';

export interface BegunSession {
  token: string;
  account: Account;
  expiresAt: Date;
}

/**
 * Begins a session of an account whose password has just been checked or chosen. `undefined` when the password or the
 * membership has changed since the account was read. Give the manager of a transaction.
 */
export async function beginSession(
  manager: Database['dataSource']['manager'],
  account: Account,
): Promise<BegunSession | undefined> {
  if (!(await noteSignIn(manager, account))) return undefined;
  const token = newToken('session');
  const now = new Date();
  const expiresAt = expiryOf(now, now);
  const { workspaceId, userId } = account;
  await sessionRepository(manager).create(workspaceId, { tokenHash: hashToken(token), userId, expiresAt });
  return { token, account, expiresAt };
}
