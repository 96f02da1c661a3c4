import { isSignedWith, readAuthorization, type SignedRequest } from './oauth1.js';
import { unauthorized, type Refusal } from './problems.js';
import { demoApp, users, type XUser } from './users.js';

/** How far the clock of a caller may be off. */
const maxSkewSeconds = 5 * 60;
const required = [
  'oauth_consumer_key',
  'oauth_token',
  'oauth_signature_method',
  'oauth_timestamp',
  'oauth_nonce',
  'oauth_signature',
] as const;

export type OAuth1Check = { ok: true; user: XUser } | { ok: false; refusal: Refusal };

/**
 * Who signed the request, by RFC 5849 with HMAC-SHA1: the keys are known, the time is near, the signature fits, and the
 * nonce has not come before with the same keys and time. Nonces are kept as long as their time would be accepted.
 */
export class OAuth1Verifier {
  private readonly seen = new Map<string, number>();

  check(header: string, request: SignedRequest, nowMs = Date.now()): OAuth1Check {
    const oauth = readAuthorization(header);
    if (!oauth || required.some((name) => (oauth.get(name) ?? '') === ''))
      return refuse(215, 'Bad Authentication data.');
    if (oauth.get('oauth_signature_method') !== 'HMAC-SHA1') {
      return refuse(32, 'Could not authenticate you: the signature method must be HMAC-SHA1.');
    }
    if ((oauth.get('oauth_version') ?? '1.0') !== '1.0') return refuse(215, 'Bad Authentication data.');
    const nowSeconds = nowMs / 1000;
    const timestamp = oauth.get('oauth_timestamp') ?? '';
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) - nowSeconds) > maxSkewSeconds) {
      return refuse(135, 'Timestamp out of bounds.');
    }
    if (oauth.get('oauth_consumer_key') !== demoApp.consumerKey) return refuse(32, 'Could not authenticate you.');
    const user = users.find(({ accessToken }) => accessToken === oauth.get('oauth_token'));
    if (!user) return refuse(89, 'Invalid or expired token.');
    const secrets = { consumerSecret: demoApp.consumerSecret, tokenSecret: user.accessSecret };
    if (!isSignedWith(request, oauth, secrets)) return refuse(32, 'Could not authenticate you.');
    const use = [timestamp, oauth.get('oauth_token'), oauth.get('oauth_nonce')].join(' ');
    if (this.seen.has(use)) return refuse(32, 'Could not authenticate you: the nonce was used before.');
    this.forgetBefore(nowSeconds - maxSkewSeconds);
    this.seen.set(use, Number(timestamp));
    return { ok: true, user };
  }

  private forgetBefore(seconds: number): void {
    for (const [use, timestamp] of this.seen) {
      if (timestamp >= seconds) return;
      this.seen.delete(use);
    }
  }
}

function refuse(code: number, message: string): OAuth1Check {
  return { ok: false, refusal: unauthorized(code, message) };
}
