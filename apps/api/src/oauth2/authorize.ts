import { createHash, randomBytes } from 'node:crypto';
import { newId, type CredentialId, type OAuth2Descriptor } from '@millrace/contracts';
import { sealCredential } from '@millrace/credentials';
import {
  componentRepository,
  credentialRepository,
  insertOAuth2Authorization,
  noteAct,
  takeOAuth2Authorization,
  type Actor,
  type AuthorizationOwner,
} from '@millrace/persistence';
import { z } from 'zod';
import { changeCredential, createCredential, type CredentialStorage } from '../credentials/credential-changes.js';
import { storedFields } from '../credentials/stored-fields.js';
import type { ApiDeps } from '../deps.js';
import { clientIn, fieldsWith } from './oauth2-fields.js';
import type { OAuth2Client } from './token-endpoint.js';

/** How long a person may take on the page of the system. */
const lifeMs = 15 * 60 * 1000;

/** What is kept sealed while the person is away. */
const keptSchema = z.object({
  clientId: z.string(),
  clientSecret: z.string().optional(),
  verifier: z.string(),
});

export type AuthorizationBegin =
  | { component: string; name: string; client: OAuth2Client }
  /** Gives a credential that is there new tokens, with the client that it has. */
  | { credentialId: CredentialId };

export type BegunAuthorization =
  | { outcome: 'begun'; url: string; expiresAt: Date }
  | { outcome: 'unknownComponent' | 'notOffered' | 'missing' | 'unreadable'; component: string };

/** Begins an authorization: resolves with the address to which the person must go. */
export async function beginAuthorization(
  deps: ApiDeps,
  owner: AuthorizationOwner & Actor,
  asked: AuthorizationBegin,
): Promise<BegunAuthorization> {
  const begin =
    'credentialId' in asked
      ? await beginOfStored(deps, owner, asked.credentialId)
      : ({ outcome: 'found', ...asked, credentialId: null } as const);
  if (begin.outcome !== 'found') return { outcome: begin.outcome, component: '' };
  const { component: name, client, credentialId } = begin;
  const { manager } = deps.database.dataSource;
  const component = await componentRepository(manager).find(name);
  if (!component) return { outcome: 'unknownComponent', component: name };
  const { oauth2 } = component.descriptor.credentials ?? {};
  if (!oauth2 || !client) return { outcome: 'notOffered', component: name };

  const state = randomBytes(32).toString('base64url');
  const verifier = randomBytes(48).toString('base64url');
  const id = newId();
  const expiresAt = new Date(Date.now() + lifeMs);
  const { clientId, clientSecret } = client;
  const sealed = sealCredential({
    key: deps.credentialKey(name),
    workspaceId: owner.workspaceId,
    credentialId: id as CredentialId,
    component: name,
    fields: { clientId, ...(clientSecret === undefined ? {} : { clientSecret }), verifier },
  });
  const authorization = {
    id,
    component: name,
    name: begin.name,
    credentialId,
    sealed,
    stateHash: hashOf(state),
    expiresAt,
  };
  await deps.database.dataSource.transaction(async (within) => {
    await insertOAuth2Authorization(within, owner, authorization);
    await noteAct(within, owner, {
      action: 'credential.authorization_begun',
      entityId: credentialId,
      entityName: begin.name,
      changes: [{ field: 'component', after: name }],
    });
  });
  return {
    outcome: 'begun',
    url: authorizeUrl(oauth2, { clientId, redirectUri: deps.oauth2CallbackUrl, state, verifier }),
    expiresAt,
  };
}

export type FinishedAuthorization =
  | CredentialStorage
  | { outcome: 'unknownState' }
  | { outcome: 'denied'; reason: string }
  | { outcome: 'notGranted'; reason: string }
  | { outcome: 'serverUnavailable'; reason: string };

/**
 * Finishes an authorization with what the system sent back through the browser: exchanges the code, lets the component
 * verify the tokens, stores them. The state is good once, and for who began.
 */
export async function finishAuthorization(
  deps: ApiDeps,
  owner: AuthorizationOwner & Actor,
  given: { state: string; code: string | undefined; error: string | undefined },
): Promise<FinishedAuthorization & { component?: string }> {
  const { manager } = deps.database.dataSource;
  const authorization = await takeOAuth2Authorization(manager, owner, hashOf(given.state));
  if (!authorization) return { outcome: 'unknownState' };
  const { component: name, id, sealed, credentialId } = authorization;
  if (given.code === undefined)
    return { outcome: 'denied', reason: given.error ?? 'no code was given', component: name };
  const component = await componentRepository(manager).find(name);
  const { oauth2 } = component?.descriptor.credentials ?? {};
  if (!oauth2) return { outcome: 'unknownComponent', component: name };
  const { workspaceId } = owner;
  const kept = storedFields(deps, { workspaceId, id: id as CredentialId, component: name, sealed });
  // Sealed with a key that is gone meanwhile: to begin again is all that helps, as for one that is over.
  if (!kept) return { outcome: 'unknownState' };
  const { verifier, ...client } = keptSchema.parse(kept);
  const answer = await deps.askTokenEndpoint(oauth2.tokenUrl, client, {
    grant_type: 'authorization_code',
    code: given.code,
    redirect_uri: deps.oauth2CallbackUrl,
    ...(oauth2.pkce ? { code_verifier: verifier } : {}),
  });
  if (answer.outcome === 'refused') return { outcome: 'notGranted', reason: answer.reason, component: name };
  if (answer.outcome === 'unavailable') return { outcome: 'serverUnavailable', reason: answer.reason, component: name };
  const fields = fieldsWith(client, answer.tokens);
  if (credentialId === null) {
    return {
      ...(await createCredential(deps, owner, { component: name, name: authorization.name, fields })),
      component: name,
    };
  }
  const credential = await credentialRepository(manager).find(workspaceId, credentialId);
  if (!credential) return { outcome: 'missing', component: name };
  return { ...(await changeCredential(deps, owner, credential, { fields })), component: name };
}

async function beginOfStored(deps: ApiDeps, { workspaceId }: AuthorizationOwner, credentialId: CredentialId) {
  const stored = await credentialRepository(deps.database.dataSource.manager).find(workspaceId, credentialId);
  if (!stored) return { outcome: 'missing' } as const;
  const { component, name } = stored;
  const fields = storedFields(deps, stored);
  if (!fields) return { outcome: 'unreadable' } as const;
  return { outcome: 'found', component, name, client: clientIn(fields), credentialId } as const;
}

function authorizeUrl(
  oauth2: OAuth2Descriptor,
  asked: { clientId: string; redirectUri: string; state: string; verifier: string },
): string {
  const url = new URL(oauth2.authorizeUrl);
  const challenge = createHash('sha256').update(asked.verifier).digest('base64url');
  const query = {
    response_type: 'code',
    client_id: asked.clientId,
    redirect_uri: asked.redirectUri,
    scope: oauth2.scopes.join(' '),
    state: asked.state,
    ...(oauth2.pkce ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

function hashOf(state: string): Buffer {
  return createHash('sha256').update(state).digest();
}
