import { basicVerifier } from './basic.js';
import { webhookCredentialSchema, type WebhookCredential } from './credential.js';

/** What a verifier sees of a request: nothing has been parsed or re-serialised. */
export interface RawRequest {
  method: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** `challenge` is the value of `WWW-Authenticate`, where the scheme has one (RFC 9110 §11.6.1). */
export type Authentication = { outcome: 'authentic' } | { outcome: 'refused'; challenge?: string };

export type Authenticator = (request: RawRequest) => Authentication;

/**
 * Prepares a credential once, so that each request costs one comparison. Throws when the fields are no webhook
 * credential; the error names the fields and never their values.
 */
export function createAuthenticator(fields: unknown): Authenticator {
  const parsed = webhookCredentialSchema.safeParse(fields);
  if (!parsed.success) {
    const places = parsed.error.issues.map((issue) => issue.path.join('.') || 'type');
    throw new TypeError(`not a webhook credential: check ${places.join(', ')}`);
  }
  return verifierOf(parsed.data);
}

function verifierOf(credential: WebhookCredential): Authenticator {
  switch (credential.type) {
    case 'none':
      return () => ({ outcome: 'authentic' });
    case 'basic':
      return basicVerifier(credential);
  }
}
