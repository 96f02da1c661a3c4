import { LRUCache } from 'lru-cache';
import type { CredentialId, Invalidation, WorkspaceId } from '@millrace/contracts';
import { readSealedCredential, type Database } from '@millrace/persistence';

const keptCredentials = 10_000;
const freshForMs = 10_000;

export interface SealedCredentials {
  find(workspaceId: WorkspaceId, credentialId: CredentialId): Promise<string | undefined>;
  forget(invalidation: Pick<Invalidation, 'credentialIds'>): void;
  forgetAll(): void;
}

/** Sealed credentials by id, kept for some seconds and forgotten when one changes. */
export function cachedCredentials(database: Database): SealedCredentials {
  const kept = new LRUCache<string, string>({ max: keptCredentials, ttl: freshForMs });
  return {
    async find(workspaceId, credentialId) {
      const key = `${workspaceId} ${credentialId}`;
      const found = kept.get(key) ?? (await readSealedCredential(database, workspaceId, credentialId));
      if (found !== undefined && !kept.has(key)) kept.set(key, found);
      return found;
    },
    forget({ credentialIds }) {
      for (const key of kept.keys()) if (credentialIds.some((id) => key.endsWith(id))) kept.delete(key);
    },
    forgetAll: () => kept.clear(),
  };
}
