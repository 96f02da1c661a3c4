import type { JsonObject } from '@millrace/contracts';
import { CredentialUnreadableError, openCredential } from '@millrace/credentials';
import type { CredentialEntity } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { problem } from '../http/problems.js';

type Sealed = Pick<CredentialEntity, 'workspaceId' | 'id' | 'component' | 'sealed'>;

/** Why the fields of a credential cannot be read, and what helps. */
export const unreadableWords =
  'It was sealed with a key that Millrace does not have any more, so nobody can read it: give it new fields.';

/** The fields of a stored credential; `undefined` when they were sealed with a key that is gone. */
export function storedFields(
  { credentialKey }: Pick<ApiDeps, 'credentialKey'>,
  { workspaceId, id: credentialId, component, sealed }: Sealed,
): JsonObject | undefined {
  try {
    return openCredential({ workspaceId, credentialId, component, sealed, keys: credentialKey(component) });
  } catch (error) {
    if (error instanceof CredentialUnreadableError) return undefined;
    throw error;
  }
}

/** The answer where nothing can be done without the fields. */
export function unreadable(): ReturnType<typeof problem> {
  return problem('credential_unreadable', { detail: unreadableWords });
}
