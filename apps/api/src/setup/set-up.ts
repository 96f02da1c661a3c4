import { timingSafeEqual } from 'node:crypto';
import { createFirstAccount, findAccount, hasAdministrator, noteAct, type Actor } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { fieldChanges } from '../http/field-changes.js';
import { beginSession, type BegunSession } from '../sessions/begin-session.js';
import { hashPassword } from '../sessions/passwords.js';
import { hashToken } from '../sessions/session-token.js';
import type { SetupBody } from './schemas.js';

export type SetUp = ({ outcome: 'setUp' } & BegunSession) | { outcome: 'done' | 'wrongToken' };

/**
 * Makes the first workspace and its administrator, and signs the administrator in. Only while there is no administrator, and
 * only for who holds the token, which takes access to the machine or its settings: else whoever finds a fresh installation
 * first would own it. Of several at once one wins.
 */
export async function setUp(
  { database, setupToken }: Pick<ApiDeps, 'database' | 'setupToken'>,
  given: SetupBody,
  from: Pick<Actor, 'address' | 'requestId'>,
): Promise<SetUp> {
  const { dataSource } = database;
  if (await hasAdministrator(dataSource.manager)) return { outcome: 'done' };
  // Compared as digests: of one length, whatever was sent.
  if (!timingSafeEqual(hashToken(given.setupToken), hashToken(setupToken))) return { outcome: 'wrongToken' };
  const { email, name, workspaceName } = given;
  let session: BegunSession | undefined;
  const created = await createFirstAccount(
    dataSource,
    async () => ({ email, name, workspaceName, passwordHash: await hashPassword(given.password) }),
    async (manager, { workspaceId, userId }) => {
      const account = await findAccount(manager, email);
      session = account && (await beginSession(manager, account));
      const actor = { ...from, workspaceId, userId, email, apiToken: null };
      const changes = fieldChanges({}, { name: workspaceName, administrator: email });
      await noteAct(manager, actor, {
        action: 'workspace.created',
        entityId: workspaceId,
        entityName: workspaceName,
        changes,
      });
    },
  );
  return created && session ? { outcome: 'setUp', ...session } : { outcome: 'done' };
}

/** Says in the log how to go on where nobody can sign in yet. Where the database does not answer it says nothing. */
export async function sayIfSetupIsNeeded({
  database,
  consoleUrl,
  logger,
}: Pick<ApiDeps, 'database' | 'consoleUrl' | 'logger'>): Promise<void> {
  const needed = await hasAdministrator(database.dataSource.manager).then(
    (has) => !has,
    () => false,
  );
  if (!needed) return;
  logger.warn(
    { setupUrl: `${consoleUrl}/setup` },
    'nobody can sign in yet: open the set-up page, with the token that `node apps/api/dist/setup-token.js` prints here',
  );
}
