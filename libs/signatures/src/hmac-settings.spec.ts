import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from './authentication.js';
import { createAuthenticator } from './authenticator.js';
import { hookUrl, request } from './senders.fixture.js';

const nowMs = Date.parse('2026-10-09T12:00:00Z');
const body = Buffer.from([0x7b, 0x00, 0xff, 0x7d]);

function hmacOf(hash: string, ...pieces: (string | Buffer)[]): Buffer {
  const mac = createHmac(hash, 'secret');
  for (const piece of pieces) mac.update(piece);
  return mac.digest();
}

function outcomeOf(fields: object, call: RawRequest, atMs = nowMs): string {
  const verdict = createAuthenticator({ type: 'hmac', secret: 'secret', ...fields }, { clock: () => atMs })(call);
  return verdict.outcome === 'refused' ? verdict.reason : verdict.outcome;
}

describe('an HMAC of the user’s own', () => {
  it('is the hex HMAC-SHA256 of the raw body in X-Millrace-Signature when nothing else is said', () => {
    const signature = hmacOf('sha256', body).toString('hex');
    expect(outcomeOf({}, request({ 'x-millrace-signature': signature }, body))).toBe('authentic');
    expect(outcomeOf({}, request({ 'x-millrace-signature': signature.toUpperCase() }, body))).toBe('authentic');
    expect(outcomeOf({}, request({ 'x-millrace-signature': signature }, Buffer.from('{}')))).toBe('wrong_signature');
    expect(outcomeOf({}, request({}, body))).toBe('missing_signature');
    expect(outcomeOf({}, request({ 'x-millrace-signature': '' }, body))).toBe('missing_signature');
  });

  it.each(['sha1', 'sha256', 'sha512'] as const)('may use %s, base64 and a prefix', (algorithm) => {
    const fields = { algorithm, encoding: 'base64', prefix: `${algorithm}=`, header: 'X-Signature' };
    const signature = hmacOf(algorithm, body).toString('base64');
    expect(outcomeOf(fields, request({ 'x-signature': `${algorithm}=${signature}` }, body))).toBe('authentic');
    expect(outcomeOf(fields, request({ 'x-signature': signature }, body))).toBe('malformed_signature');
    expect(outcomeOf(fields, request({ 'x-signature': `${algorithm}=${signature.replace(/=+$/, '')}` }, body))).toBe(
      'wrong_signature',
    );
  });

  it.each([nowMs, nowMs / 1_000])('signs the time with the body, in seconds or milliseconds', (time) => {
    const timestamp = String(time);
    const call = request(
      { 'x-time': timestamp, 'x-millrace-signature': hmacOf('sha256', `${timestamp}.`, body).toString('hex') },
      body,
    );
    expect(outcomeOf({ timestampHeader: 'X-Time' }, call)).toBe('authentic');
    expect(outcomeOf({ timestampHeader: 'X-Time' }, call, nowMs + 300_001)).toBe('timestamp_too_old');
    expect(outcomeOf({ timestampHeader: 'X-Time', toleranceSeconds: 600 }, call, nowMs + 300_001)).toBe('authentic');
    expect(
      outcomeOf({ timestampHeader: 'X-Time' }, { ...call, headers: { ...call.headers, 'x-time': undefined } }),
    ).toBe('missing_timestamp');
  });

  it('signs what the template says, byte for byte', () => {
    const fields = { signedContent: '{method} {url} {header:X-Tenant} {{{id}}} {body}', idHeader: 'X-Id' };
    const signed = hmacOf('sha256', `POST ${hookUrl} `, Buffer.from('ü', 'latin1'), ' {7} ', body).toString('hex');
    const call = request({ 'x-tenant': 'ü', 'x-id': '7', 'x-millrace-signature': signed }, body);
    expect(outcomeOf(fields, call)).toBe('authentic');
    expect(outcomeOf(fields, { ...call, method: 'PUT' })).toBe('wrong_signature');
    expect(outcomeOf(fields, { ...call, headers: { ...call.headers, 'x-tenant': undefined } })).toBe(
      'missing_signed_part',
    );
    expect(outcomeOf(fields, { ...call, headers: { ...call.headers, 'x-tenant': ['ü', 'ü'] } })).toBe(
      'missing_signed_part',
    );
  });

  it.each([
    ['hex', Buffer.from('secret').toString('hex')],
    ['base64', Buffer.from('secret').toString('base64')],
  ])('may have its secret written in %s', (secretEncoding, secret) => {
    const call = request({ 'x-millrace-signature': hmacOf('sha256', body).toString('hex') }, body);
    expect(outcomeOf({ secretEncoding, secret }, call)).toBe('authentic');
  });

  it('accepts no change of one bit in body, signature or time', () => {
    const timestamp = String(nowMs / 1_000);
    const fields = { timestampHeader: 'x-time' };
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.constantFrom('body', 'x-time', 'x-millrace-signature'),
        fc.nat(),
        (bytes, place, at) => {
          const signature = hmacOf('sha256', `${timestamp}.`, Buffer.from(bytes)).toString('hex');
          const call = request({ 'x-time': timestamp, 'x-millrace-signature': signature }, Buffer.from(bytes));
          const flipped = place === 'body' ? Buffer.from(bytes) : Buffer.from(call.headers[place] as string, 'latin1');
          const bit = at % (flipped.length * 8);
          flipped[bit >> 3]! ^= 1 << (bit & 7);
          const changed =
            place === 'body'
              ? { ...call, body: flipped }
              : { ...call, headers: { ...call.headers, [place]: flipped.toString('latin1') } };
          expect(outcomeOf(fields, call)).toBe('authentic');
          expect(outcomeOf(fields, changed)).not.toBe('authentic');
        },
      ),
    );
  });
});
