import {
  admitSignIn,
  findAccount,
  forgetSignInFailures,
  noteAct,
  noteActOfNobody,
  type Account,
  type Actor,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { beginSession, type BegunSession } from './begin-session.js';
import { passwordMatches } from './passwords.js';
import { signInBounds, signInWindowSeconds } from './sign-in-bounds.js';

export interface SignInAttempt extends Pick<Actor, 'address' | 'requestId'> {
  email: string;
  password: string;
}

export type SignInResult =
  | ({ outcome: 'signedIn' } & BegunSession)
  /** The password was right. */
  | { outcome: 'disabled' }
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
  const matches = await passwordMatches(account?.passwordHash, attempt.password);
  if (!account || !matches || account.disabled) {
    await noteFailure(dataSource.manager, account, attempt);
    return { outcome: account && matches ? 'disabled' : 'wrong' };
  }
  return dataSource.transaction(async (manager): Promise<SignInResult> => {
    const session = await beginSession(manager, account);
    // The password was changed, or the user disabled, since it was read.
    if (!session) return { outcome: 'wrong' };
    await forgetSignInFailures(manager, admission.failure, bounds[0].key);
    const { workspaceId, userId, email } = account;
    const { address, requestId } = attempt;
    const actor = { workspaceId, userId, email, apiToken: null, address, requestId };
    await noteAct(manager, actor, { action: 'user.signed_in', entityId: userId, entityName: email });
    return { outcome: 'signedIn', ...session };
  });
}

// What was typed as an address that has no account stays out: it may be a password.
async function noteFailure(
  manager: ApiDeps['database']['dataSource']['manager'],
  account: Account | undefined,
  { address, requestId }: SignInAttempt,
): Promise<void> {
  const action = 'user.sign_in_failed';
  if (!account) return noteActOfNobody(manager, { address, requestId }, { action, entityId: null });
  const { workspaceId, userId, email } = account;
  const nobody = { workspaceId, userId: null, email: null, apiToken: null, address, requestId };
  await noteAct(manager, nobody, { action, entityId: userId, entityName: email });
}
