import { describe, expect, it } from 'vitest';
import { OAuth1Verifier } from './oauth1-check.js';
import { percentEncode, sign } from './oauth1.js';
import { demoApp, users } from './users.js';

const now = Date.parse('2026-03-01T12:00:00Z');
const [user] = users;
const request = { method: 'GET', url: 'http://127.0.0.1:3002/2/users/me', parameters: [] };

function header(changes: Record<string, string> = {}, tokenSecret = user?.accessSecret ?? ''): string {
  const oauth = new Map(
    Object.entries({
      oauth_consumer_key: demoApp.consumerKey,
      oauth_token: user?.accessToken ?? '',
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: String(now / 1000),
      oauth_nonce: 'n1',
      ...changes,
    }),
  );
  oauth.set('oauth_signature', sign(request, oauth, { consumerSecret: demoApp.consumerSecret, tokenSecret }));
  return `OAuth ${[...oauth].map(([name, value]) => `${name}="${percentEncode(value)}"`).join(', ')}`;
}

const reasonOf = (given: string, verifier = new OAuth1Verifier()): unknown => {
  const check = verifier.check(given, request, now);
  return check.ok ? check.user.username : check.refusal.body['errors'];
};

describe('who signed a request', () => {
  it('is the user of the access token', () => {
    expect(reasonOf(header())).toBe('millrace');
  });

  it.each([
    ['an unknown app', header({ oauth_consumer_key: 'other' }), 32],
    ['an unknown token', header({ oauth_token: 'other' }), 89],
    ['a wrong secret', header({}, 'other'), 32],
    ['a missing nonce', header({ oauth_nonce: '' }), 215],
    ['another method', header({ oauth_signature_method: 'PLAINTEXT' }), 32],
    ['another version', header({ oauth_version: '2.0' }), 215],
    ['a time of long ago', header({ oauth_timestamp: String(now / 1000 - 301) }), 135],
    ['a time to come', header({ oauth_timestamp: String(now / 1000 + 301) }), 135],
    ['a time that is none', header({ oauth_timestamp: '1e9' }), 135],
  ])('is not known with %s', (_what, given, code) => {
    expect(reasonOf(given)).toMatchObject([{ code }]);
  });

  it('is refused when the nonce comes again, and not for what was refused before', () => {
    const verifier = new OAuth1Verifier();
    expect(reasonOf(header({}, 'wrong'), verifier)).toMatchObject([{ code: 32 }]);
    expect(reasonOf(header(), verifier)).toBe('millrace');
    expect(reasonOf(header(), verifier)).toMatchObject([
      { code: 32, message: expect.stringContaining('nonce') as string },
    ]);
    expect(reasonOf(header({ oauth_nonce: 'n2' }), verifier)).toBe('millrace');
    expect(reasonOf(header({ oauth_timestamp: String(now / 1000 + 1) }), verifier)).toBe('millrace');
  });
});
