import { apiKeyVerifier } from './api-key.js';
import {
  authentic,
  type Authentication,
  type Authenticator,
  type Clock,
  type PendingAuthentication,
  type RawRequest,
  type RefusedAuthentication,
  type RequestHead,
} from './authentication.js';
import { basicVerifier } from './basic.js';
import { webhookCredentialSchema, type WebhookCredential } from './credential.js';
import { handshakeAnswer, largestHandshakeBytes } from './handshake.js';
import { schemeOf } from './hmac-settings.js';
import { presets } from './presets.js';
import { readingOf } from './request-reading.js';
import { acceptedSecrets } from './rotation.js';
import { beginSchemes, isStreamable, prepareSchemes, verifySchemes } from './scheme-verifier.js';
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
  const begin = (head: RequestHead): PendingAuthentication | RefusedAuthentication => {
    const pending = beginSchemes(schemes, readingOf({ ...head, body: empty }), clock());
    if (pending.outcome === 'refused') return pending;
    const small = handshakes.length > 0 ? keptUpTo(largestHandshakeBytes) : undefined;
    return {
      outcome: 'pending',
      update(bytes) {
        pending.update(bytes);
        small?.add(bytes);
      },
      end() {
        const verdict = pending.end();
        if (verdict.outcome === 'refused') return verdict;
        const body = small?.whole();
        return (body && handshakeAnswer(handshakes, readingOf({ ...head, body }), verdict.key)) ?? authentic;
      },
    };
  };
  // A token that is sent as it is covers nothing else.
  const tokenAlone = schemes.every(({ scheme }) => scheme.algorithm === 'plain' && 'header' in scheme.signature);
  const needsBody = !tokenAlone || handshakes.length > 0;
  return Object.assign(verify, { needsBody, ...(needsBody && schemes.every(isStreamable) && { begin }) });
}

/** Keeps a body that may be a handshake. */
function keptUpTo(mostBytes: number) {
  const pieces: Buffer[] = [];
  let bytes = 0;
  return {
    add(piece: Buffer): void {
      bytes += piece.length;
      if (bytes <= mostBytes) pieces.push(Buffer.from(piece));
    },
    /** `undefined` when it was larger. */
    whole: (): Buffer | undefined => (bytes <= mostBytes ? Buffer.concat(pieces) : undefined),
  };
}

const empty = Buffer.alloc(0);

function withoutBody(verify: (request: RawRequest) => Authentication): Authenticator {
  return Object.assign(verify, { needsBody: false });
}
