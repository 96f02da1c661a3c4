import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Authentication, Authenticator, RawRequest } from './authentication.js';
import { createAuthenticator } from './authenticator.js';
import { presetNames, type PresetName } from './presets.js';
import { otherSecretOf, request, senders, signV1a } from './senders.fixture.js';

const nowMs = Date.parse('2026-10-09T12:00:00Z');
const payloads = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes));
/** Lengths of pieces; what is left is the last one. */
const splits = fc.array(fc.nat({ max: 40 }), { maxLength: 12 });

const authenticatorOf = (fields: object): Authenticator =>
  createAuthenticator({ type: 'hmac', ...fields }, { clock: () => nowMs });

/** Judges a request by pieces of its body that are overwritten as soon as they were taken in. */
function inPieces(
  authenticate: Authenticator,
  { body, ...head }: RawRequest,
  split: readonly number[],
): Authentication {
  const pending = authenticate.begin?.(head);
  if (!pending) throw new Error('the body is needed whole');
  if (pending.outcome === 'refused') return pending;
  let at = 0;
  for (const length of [...split, body.length]) {
    const piece = Buffer.from(body.subarray(at, at + length));
    pending.update(piece);
    piece.fill(0xff);
    at += length;
  }
  return pending.end();
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const bit = at % (copy.length * 8);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

const secretsOf = (preset: PresetName) => ({ secret: senders[preset].secret, previousSecret: otherSecretOf(preset) });
const streamable = presetNames.filter((preset) => authenticatorOf({ preset, ...secretsOf(preset) }).begin);

describe('the presets under which a body is judged piece by piece', () => {
  it('are all but those that need it whole', () => {
    const needWhole = presetNames.filter((preset) => !streamable.includes(preset));
    expect(needWhole).toEqual(['discord', 'gitlab', 'linear', 'mailgun', 'twilio']);
  });

  it('are not those of Standard Webhooks with an Ed25519 key', () => {
    const { publicKey, request: signed } = signV1a(Buffer.from('x'), nowMs);
    const authenticate = authenticatorOf({ preset: 'standard-webhooks', secret: publicKey });
    expect(authenticate.begin).toBeUndefined();
    expect(authenticate(signed).outcome).toBe('authentic');
  });
});

describe.each(streamable)('a body under the preset %s', (preset) => {
  const rotating = authenticatorOf({ preset, ...secretsOf(preset) });

  it('is judged as whole however it is split, under either of two secrets', () => {
    fc.assert(
      fc.property(payloads, splits, fc.boolean(), (payload, split, old) => {
        const sent = senders[preset].send(payload, nowMs, old ? otherSecretOf(preset) : undefined);
        expect(inPieces(rotating, sent, split)).toEqual({ outcome: 'authentic' });
        expect(rotating(sent)).toEqual({ outcome: 'authentic' });
      }),
    );
  });

  it('is refused with one flipped bit, however it is split', () => {
    fc.assert(
      fc.property(payloads, splits, fc.nat(), (payload, split, at) => {
        const sent = senders[preset].send(payload, nowMs);
        const changed = { ...sent, body: flipped(sent.body, at) };
        expect(inPieces(rotating, changed, split)).toEqual(rotating(changed));
        expect(inPieces(rotating, changed, split).outcome).toBe('refused');
      }),
    );
  });

  it('is judged as whole when a header is changed, missing or there twice', () => {
    const headers = fc.constantFrom(...senders[preset].signedHeaders);
    const values = fc.oneof(
      fc.constant(undefined),
      fc.constant(''),
      fc.string(),
      fc.nat().map((at) => (value: string) => flipped(Buffer.from(value, 'latin1'), at).toString('latin1')),
      fc.constant((value: string) => [value, value]),
    );
    fc.assert(
      fc.property(payloads, splits, headers, values, (payload, split, header, value) => {
        const sent = senders[preset].send(payload, nowMs);
        const given = typeof value === 'function' ? value(sent.headers[header] as string) : value;
        const changed = { ...sent, headers: { ...sent.headers, [header]: given } };
        expect(inPieces(rotating, changed, split)).toEqual(rotating(changed));
      }),
      { numRuns: 200 },
    );
  });

  it('is not asked for when the head has no signature', () => {
    const { body: _, ...head } = senders[preset].send(Buffer.from('x'), nowMs);
    expect(rotating.begin?.({ ...head, headers: {} })).toEqual({ outcome: 'refused', reason: 'missing_signature' });
  });
});

describe('a body that comes in piece by piece', () => {
  it('is judged by the time at which it began', () => {
    let atMs = nowMs;
    const { secret } = senders.slack;
    const authenticate = createAuthenticator({ type: 'hmac', preset: 'slack', secret }, { clock: () => atMs });
    const { body, ...head } = senders.slack.send(Buffer.from('x'), nowMs);
    const pending = authenticate.begin?.(head);
    if (pending?.outcome !== 'pending') throw new Error('refused');
    atMs += 3_600_000;
    pending.update(body);
    expect(pending.end()).toEqual({ outcome: 'authentic' });
    expect(authenticate.begin?.(head)).toMatchObject({ outcome: 'pending' });
    expect(authenticate({ ...head, body })).toEqual({ outcome: 'refused', reason: 'timestamp_too_old' });
  });

  it.each([100, 20_000])('is a handshake where the whole body is: with %i bytes beside it', (bytes) => {
    const fields = { preset: 'slack', secret: senders.slack.secret };
    const question = { type: 'url_verification', challenge: 'c', padding: 'x'.repeat(bytes) };
    const sent = senders.slack.send(Buffer.from(JSON.stringify(question)), nowMs);
    const authenticate = authenticatorOf(fields);
    fc.assert(
      fc.property(splits, (split) => {
        expect(inPieces(authenticate, sent, split)).toEqual(authenticate(sent));
      }),
    );
    expect(authenticate(sent).outcome).toBe(bytes === 100 ? 'handshake' : 'authentic');
  });

  it.each(['{body}', 'a{{{body}}}b', '{method} {url} {header:x-part}|{body}|end'])(
    'is judged as whole under the template %s',
    (signedContent) => {
      const authenticate = authenticatorOf({ secret: 's', signedContent });
      fc.assert(
        fc.property(payloads, splits, (payload, split) => {
          const sent = request({ 'x-part': 'p', 'x-millrace-signature': '00' }, payload);
          expect(inPieces(authenticate, sent, split)).toEqual(authenticate(sent));
        }),
      );
    },
  );

  it('is needed whole where it is signed twice', () => {
    const authenticate = authenticatorOf({ secret: 's', signedContent: '{body}.{body}' });
    expect(authenticate.begin).toBeUndefined();
    // printf 'ab.ab' | openssl dgst -sha256 -hmac s
    const signature = 'bdfde99fb24ca66841dd8af08fbc7224c470b0a5c7b75f0e6150ed49f4ce684d';
    const sent = request({ 'x-millrace-signature': signature }, Buffer.from('ab'));
    expect(authenticate(sent)).toEqual({ outcome: 'authentic' });
  });
});
