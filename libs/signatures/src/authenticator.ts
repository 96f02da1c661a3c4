import { apiKeyVerifier } from './api-key.js';
import { authentic, type Authentication, type Authenticator, type Clock, type RawRequest } from './authentication.js';
import { basicVerifier } from './basic.js';
import { webhookCredentialSchema, type WebhookCredential } from './credential.js';
import { handshakeAnswer } from './handshake.js';
import { schemeOf } from './hmac-settings.js';
import { presets } from './presets.js';
import { readingOf } from './request-reading.js';
import { acceptedSecrets } from './rotation.js';
import { prepareSchemes, verifySchemes } from './scheme-verifier.js';
import type { Preset } from './scheme.js';

export interface AuthenticatorDeps {
  clock: Clock;
}

/**
 * Prepares a credential once, so that each request costs one comparison. Throws when the fields are no webhook
 * credential; the error names the fields and never their values.
 */
export function createAuthenticator(fields: unknown, { clock }: AuthenticatorDeps): Authenticator {
  const parsed = webhookCredentialSchema.safeParse(fields);
  if (!parsed.success) {
    const places = new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'type'));
    throw new TypeError(`not a webhook credential: check ${[...places].join(', ')}`);
  }
  return verifierOf(parsed.data, clock);
}

function verifierOf(credential: WebhookCredential, clock: Clock): Authenticator {
  switch (credential.type) {
    case 'none':
      return withoutBody(() => authentic);
    case 'basic': {
      const { username, password, previousPassword, previousUntil } = credential;
      return withoutBody(basicVerifier(username, acceptedSecrets(password, previousPassword, previousUntil), clock));
    }
    case 'apiKey': {
      const { value, previousValue, previousUntil } = credential;
      return withoutBody(apiKeyVerifier(credential, acceptedSecrets(value, previousValue, previousUntil), clock));
    }
    case 'hmac':
      return signatureVerifier(credential, clock);
  }
}

function signatureVerifier(credential: Extract<WebhookCredential, { type: 'hmac' }>, clock: Clock): Authenticator {
  const preset: Preset | undefined = credential.preset && presets[credential.preset];
  const secrets = acceptedSecrets(credential.secret, credential.previousSecret, credential.previousUntil);
  const schemes = prepareSchemes(preset?.schemes ?? [schemeOf(credential)], secrets);
  const handshakes = preset?.handshakes ?? [];
  const verify = (request: RawRequest): Authentication => {
    const reading = readingOf(request);
    const verdict = verifySchemes(schemes, reading, clock());
    if (verdict.outcome === 'refused') return verdict;
    return handshakeAnswer(handshakes, reading, verdict.key) ?? authentic;
  };
  // A token that is sent as it is covers nothing else.
  const tokenAlone = schemes.every(({ scheme }) => scheme.algorithm === 'plain' && 'header' in scheme.signature);
  return Object.assign(verify, { needsBody: !tokenAlone || handshakes.length > 0 });
}

function withoutBody(verify: (request: RawRequest) => Authentication): Authenticator {
  return Object.assign(verify, { needsBody: false });
}
