import { admitSignIn, findAccount, forgetSignInFailures, sessionRepository, type Account } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { passwordMatches } from './passwords.js';
import { expiryOf } from './session-life.js';
import { hashToken, newSessionToken } from './session-token.js';
import { signInBounds, signInWindowSeconds } from './sign-in-bounds.js';

export interface SignInAttempt {
  email: string;
  password: string;
  /** The network address that it comes from. */
  address: string;
}

export type SignInResult =
  | { outcome: 'signedIn'; token: string; account: Account; expiresAt: Date }
  | { outcome: 'wrong' }
  | { outcome: 'tooMany'; retryAfterSeconds: number };

/**
 * Signs a user in and begins a session. Whether the e-mail address or the password was wrong cannot be told from the
 * result, nor from the time it takes, nor from when attempts are refused.
 */
export async function signIn(deps: Pick<ApiDeps, 'database'>, attempt: SignInAttempt): Promise<SignInResult> {
  const { dataSource } = deps.database;
  const bounds = signInBounds(attempt.email, attempt.address);
  const admission = await admitSignIn(dataSource, bounds, signInWindowSeconds);
  if (!admission.admitted) return { outcome: 'tooMany', retryAfterSeconds: admission.retryAfterSeconds };

  const account = await findAccount(dataSource.manager, attempt.email);
  if (!(await passwordMatches(account?.passwordHash, attempt.password)) || !account) return { outcome: 'wrong' };

  await forgetSignInFailures(dataSource.manager, admission.failure, bounds[0].key);
  const token = newSessionToken();
  const now = new Date();
  const expiresAt = expiryOf(now, now);
  await sessionRepository(dataSource.manager).create(account.workspaceId, {
    tokenHash: hashToken(token),
    userId: account.userId,
    expiresAt,
  });
  return { outcome: 'signedIn', token, account, expiresAt };
}
