import type { CredentialId, FlowId, WorkspaceId } from '@millrace/contracts';
import { openCredential } from '@millrace/credentials';
import type { Logger } from '@millrace/observability';
import type { HookFlowRow } from '@millrace/persistence';
import {
  createAuthenticator,
  presets,
  secretPlaces,
  webhookCredentialSchema,
  type Authenticator,
  type SecretPlaces,
  type WebhookCredential,
} from '@millrace/signatures';
import type { SecretNames } from '../rejections/masked.js';

/** The credential of a trigger step, opened. */
export interface HookCredential {
  authenticate: Authenticator;
  /** Where calls carry the secret itself. */
  secretPlaces: SecretPlaces;
  /** Where calls are signed, in lower case. */
  signatureHeaders: readonly string[];
}

export interface SealedCredential {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  credentialId: CredentialId | null;
  sealed: string | null;
}

export interface CredentialDeps {
  credentialKey: Buffer;
  logger: Logger;
}

/** `undefined` when there is none, or none that can be used. */
export function openHookCredential(credential: SealedCredential, deps: CredentialDeps): HookCredential | undefined {
  const { flowId, workspaceId, credentialId, sealed } = credential;
  if (credentialId === null || sealed === null) return undefined;
  try {
    const keys = deps.credentialKey;
    const fields = openCredential({ keys, workspaceId, credentialId, component: 'webhook', sealed });
    const parsed = webhookCredentialSchema.parse(fields);
    return {
      authenticate: createAuthenticator(fields, { clock: Date.now }),
      secretPlaces: secretPlaces(parsed),
      signatureHeaders: signatureHeaders(parsed),
    };
  } catch (error) {
    const about = { err: error, flowId, credentialId };
    deps.logger.error(about, 'the credential of a flow cannot be used, calls that need it are refused');
    return undefined;
  }
}

/**
 * Where calls of a flow carry what its credentials make secret, by its published version and by its draft: senders may
 * have been told of either, and go on calling a flow that was stopped. `undefined` when that is not known of both.
 */
export function secretNamesOf(
  { trigger, draftTrigger }: Pick<HookFlowRow, 'trigger' | 'draftTrigger'>,
  published: HookCredential | undefined,
  draft: HookCredential | undefined,
): SecretNames | undefined {
  const named = [];
  if (trigger) named.push(published);
  if (draftTrigger?.credentialId) named.push(draft);
  const known = named.filter((credential) => credential !== undefined);
  if (known.length === 0 || known.length < named.length) return undefined;
  return {
    headers: known.flatMap((credential) => [...credential.secretPlaces.headers, ...credential.signatureHeaders]),
    queryNames: known.flatMap((credential) => credential.secretPlaces.queryNames),
  };
}

function signatureHeaders(credential: WebhookCredential): string[] {
  if (credential.type !== 'hmac') return [];
  if (!credential.preset) return credential.header === undefined ? [] : [credential.header.toLowerCase()];
  return presets[credential.preset].schemes.flatMap(({ signature }) => ('header' in signature ? signature.header : []));
}
