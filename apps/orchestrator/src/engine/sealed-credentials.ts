import { copiesAreUsedForMs, type CredentialId, type WorkspaceId } from '@millrace/contracts';
import { readSealedCredential, type Database } from '@millrace/persistence';
import { createReadThroughCache, type Forgetful } from '@millrace/platform';

const keptCredentials = 10_000;

export interface SealedCredentials extends Forgetful {
  find(workspaceId: WorkspaceId, credentialId: CredentialId): Promise<string | undefined>;
}

/** Sealed credentials by id, kept for some seconds and forgotten when one changes. */
export function cachedCredentials(database: Database): SealedCredentials {
  const kept = createReadThroughCache({
    max: keptCredentials,
    freshForMs: copiesAreUsedForMs,
    read: (key: string) => {
      const [workspaceId, credentialId] = key.split(' ') as [WorkspaceId, CredentialId];
      return readSealedCredential(database, workspaceId, credentialId);
    },
  });
  return {
    find: (workspaceId, credentialId) => kept.find(`${workspaceId} ${credentialId}`),
    forget({ credentialIds }) {
      if (credentialIds.length > 0) kept.forgetWhere((_, key) => credentialIds.some((id) => key.endsWith(id)));
    },
    forgetAll: () => kept.forgetAll(),
  };
}
