import type { RefreshedCredential, RefreshRequest } from '@millrace/contracts';
import { createMask, openCredential, sealCredential, secretsOf } from '@millrace/credentials';
import { componentRepository, credentialRepository, type CredentialEntity } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { longestFailure } from '../credentials/failure-length.js';
import { fieldsWith, refreshableIn } from './oauth2-fields.js';

type Deps = Pick<ApiDeps, 'database' | 'credentialKey' | 'invalidate' | 'askTokenEndpoint' | 'logger'>;

export type Refreshment =
  | { outcome: 'refreshed'; credential: RefreshedCredential }
  /** It is gone, or cannot be refreshed at all. */
  | { outcome: 'notRefreshable'; reason: string }
  /** The system takes the refresh token no more: a person has to authorize anew. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'unavailable'; reason: string };

/**
 * Gets the next tokens of a credential. One at a time: the row is locked from before the question to the system until the
 * tokens are stored, so nobody sees tokens that may be lost. Whoever comes with a former ciphertext gets the present one, so
 * that two who ask at once get the same tokens.
 */
export async function refreshCredential(deps: Deps, request: RefreshRequest): Promise<Refreshment> {
  const { workspaceId, credential: asked } = request;
  const result = await deps.database.dataSource.transaction((manager) => refreshLocked(deps, manager, request));
  if (result.outcome === 'refreshed' && result.credential.sealed !== asked.sealed) {
    // Copies of the former one do no harm: whoever holds one asks here and gets the present one.
    void deps.invalidate({ credentialIds: [asked.id] });
  }
  if (result.outcome === 'refused') {
    deps.logger.warn({ credentialId: asked.id }, 'a refresh token was refused');
    await credentialRepository(deps.database.dataSource.manager).noteCheck(workspaceId, asked, {
      status: 'failing',
      failure: result.reason.slice(0, longestFailure),
    });
  }
  return result;
}

async function refreshLocked(
  deps: Deps,
  manager: Parameters<typeof credentialRepository>[0],
  request: RefreshRequest,
): Promise<Refreshment> {
  const { workspaceId, credential: asked } = request;
  const credentials = credentialRepository(manager);
  const stored = await credentials.lockForRefresh(workspaceId, asked.id);
  if (!stored) return { outcome: 'notRefreshable', reason: 'The credential was deleted' };
  if (stored.sealed !== asked.sealed) return { outcome: 'refreshed', credential: { sealed: stored.sealed } };
  const component = await componentRepository(manager).find(stored.component);
  const { oauth2 } = component?.descriptor.credentials ?? {};
  const key = deps.credentialKey(stored.component);
  const present = refreshableIn(openFields(stored, key));
  if (!oauth2 || !present) {
    return { outcome: 'notRefreshable', reason: 'The credential has no refresh token: authorize anew' };
  }
  const form = { grant_type: 'refresh_token', refresh_token: present.refreshToken };
  const answer = await deps.askTokenEndpoint(oauth2.tokenUrl, present, form);
  if (answer.outcome === 'unavailable') return answer;
  if (answer.outcome === 'refused') {
    const mask = createMask(secretsOf(component?.descriptor.credentials?.fields ?? {}, openFields(stored, key)));
    const reason = `The refresh token is not taken any more, authorize anew: ${mask(answer.reason)}`;
    return { outcome: 'refused', reason };
  }
  const fields = fieldsWith(present, answer.tokens, present.refreshToken);
  const { component: name, id: credentialId } = stored;
  const sealed = sealCredential({ key, fields, workspaceId, credentialId, component: name });
  await credentials.change(workspaceId, credentialId, { sealed });
  return { outcome: 'refreshed', credential: { sealed } };
}

function openFields({ workspaceId, id: credentialId, component, sealed }: CredentialEntity, keys: Buffer) {
  return openCredential({ workspaceId, credentialId, component, sealed, keys });
}
