import crypto, { createHmac } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RawRequest } from './authentication.js';
import type { WebhookCredential } from './credential.js';
import { createAuthenticator, presetNames, presets } from './index.js';
import type { Scheme } from './scheme.js';
import { otherSecretOf, senders } from './senders.fixture.js';

/*
 * The comparison of Node's is the only one in constant time. Here it answers what a test wants: a verdict that does not
 * follow it was made by another comparison, before it or beside it.
 */
const compare = vi.fn<(one: NodeJS.ArrayBufferView, other: NodeJS.ArrayBufferView) => boolean>();
const { timingSafeEqual } = crypto;

function compareWith(comparison: typeof timingSafeEqual): void {
  crypto.timingSafeEqual = comparison;
  syncBuiltinESMExports();
}

beforeAll(() => compareWith(compare));
afterAll(() => compareWith(timingSafeEqual));
beforeEach(() => void compare.mockReset());

const nowMs = Date.parse('2026-10-09T12:00:00Z');
const body = Buffer.from('{"a":1}');

interface Case {
  fields: WebhookCredential;
  /** A request under the right secret or, when `wrong`, another one. */
  send(wrong: boolean): RawRequest;
}

function request(headers: RawRequest['headers'], query = ''): RawRequest {
  return { method: 'POST', url: `https://hooks.example.com/hook/1${query}`, headers, body };
}

const basic = (text: string): RawRequest => request({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

/** By type, so that a further type does not compile without its own. */
const byType: Record<Exclude<WebhookCredential['type'], 'none'>, Record<string, Case>> = {
  basic: {
    password: {
      fields: { type: 'basic', username: 'gromit', password: 'cheese' },
      send: (wrong) => basic(wrong ? 'gromit:cheesy' : 'gromit:cheese'),
    },
    'user name': {
      fields: { type: 'basic', username: 'gromit', password: 'cheese' },
      send: (wrong) => basic(wrong ? 'wallace:cheese' : 'gromit:cheese'),
    },
    'previous password': {
      fields: { type: 'basic', username: 'gromit', password: 'new', previousPassword: 'cheese' },
      send: (wrong) => basic(wrong ? 'gromit:' : 'gromit:cheese'),
    },
  },
  apiKey: {
    'in a header': {
      fields: { type: 'apiKey', headerName: 'x-key', value: 'cheese' },
      send: (wrong) => request({ 'x-key': wrong ? 'cheese and crackers' : 'cheese' }),
    },
    'in the query': {
      fields: { type: 'apiKey', headerName: 'x-key', queryName: 'key', value: 'cheese' },
      send: (wrong) => request({}, wrong ? '?key=c' : '?key=cheese'),
    },
  },
  hmac: Object.fromEntries(
    (['sha1', 'sha256', 'sha512'] as const).flatMap((hash) =>
      (['hex', 'base64'] as const).map((encoding): [string, Case] => [
        `${hash} in ${encoding}`,
        {
          fields: { type: 'hmac', secret: 'cheese', header: 'x-signature', algorithm: hash, encoding },
          send: (wrong) =>
            request({
              'x-signature': createHmac(hash, wrong ? 'wool' : 'cheese')
                .update(body)
                .digest(encoding),
            }),
        },
      ]),
    ),
  ),
};

/** Whether the secret is a public key, of which there is nothing to keep. */
const provesByPublicKey = (schemes: readonly Scheme[]): boolean =>
  schemes.every(({ algorithm }) => algorithm === 'ed25519' || algorithm === 'ecdsa-p256-sha256');

const ofPresets = presetNames
  .filter((preset) => !provesByPublicKey(presets[preset].schemes))
  .map((preset): [string, Case] => [
    `hmac, preset ${preset}`,
    {
      fields: { type: 'hmac', preset, secret: senders[preset].secret },
      send: (wrong) => senders[preset].send(body, nowMs, wrong ? otherSecretOf(preset) : senders[preset].secret),
    },
  ]);
const ofTypes = Object.entries(byType).flatMap(([type, cases]) =>
  Object.entries(cases).map(([name, one]): [string, Case] => [`${type}, ${name}`, one]),
);

describe.each([...ofTypes, ...ofPresets])('a credential of type %s', (_, { fields, send }) => {
  const outcomeOf = (wrong: boolean): string =>
    createAuthenticator(fields, { clock: () => nowMs })(send(wrong)).outcome;

  it('lets in exactly what the comparison in constant time lets in', () => {
    compare.mockReturnValue(false);
    expect([outcomeOf(false), outcomeOf(true)]).toEqual(['refused', 'refused']);
    compare.mockReturnValue(true);
    expect([outcomeOf(false), outcomeOf(true)]).not.toContain('refused');
  });

  it('compares digests, whose length tells nothing of the secret', () => {
    compare.mockReturnValue(false);
    outcomeOf(true);
    expect(compare).toHaveBeenCalled();
    for (const buffers of compare.mock.calls) expect(buffers.map(({ byteLength }) => byteLength)).toEqual([32, 32]);
  });
});

describe('the presets of which the secret is a public key', () => {
  it('are those of Discord and SendGrid alone', () => {
    expect(presetNames.filter((preset) => provesByPublicKey(presets[preset].schemes))).toEqual(['discord', 'sendgrid']);
  });
});
