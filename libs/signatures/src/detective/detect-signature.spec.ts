import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../authentication.js';
import { createAuthenticator } from '../authenticator.js';
import { presetNames, type PresetName } from '../presets.js';
import { hookUrl, request as callOf, otherSecretOf, senders } from '../senders.fixture.js';
import { detectSignature, type SignatureDetection } from './detect-signature.js';

const nowMs = Date.parse('2026-10-09T12:00:00Z');

function detect(request: RawRequest, secret: string, atMs = nowMs): SignatureDetection {
  const { body: rawBody, ...call } = request;
  const detection = detectSignature({ ...call, rawBody, secret, clock: () => atMs });
  for (const { verdict, fields } of detection.findings) {
    if (verdict !== 'fits') continue;
    // What is said to fit lets the very request in.
    const { outcome } = createAuthenticator(
      { ...fields, ...secretField(fields, secret) },
      { clock: () => atMs },
    )(request);
    expect(outcome).toBe('authentic');
  }
  return detection;
}

function secretField(fields: Readonly<Record<string, unknown>> | undefined, secret: string): object {
  if (fields?.['type'] === 'apiKey') return { value: secret };
  return fields?.['type'] === 'basic' ? { password: secret } : { secret };
}

function summary({ findings }: SignatureDetection): string[] {
  return findings.map(({ verdict, scheme, problem }) => [verdict, scheme, problem].filter(Boolean).join(' '));
}

function onlyText({ findings }: SignatureDetection): string {
  expect(findings).toHaveLength(1);
  return findings[0]!.text;
}

function hmac(content: string | Buffer, options: { hash?: string; key?: string | Buffer } = {}): Buffer {
  const { hash = 'sha256', key = 'secret' } = options;
  return createHmac(hash, key).update(content).digest();
}

function send(preset: PresetName, body: string | Buffer): RawRequest {
  return senders[preset].send(Buffer.from(body), nowMs);
}

/** Headers that tell one sender from others who sign alike. */
const marks: Partial<Record<PresetName, string>> = {
  github: 'x-github-event',
  bitbucket: 'x-event-key',
  'gitlab-signed': 'x-gitlab-event',
  gitlab: 'x-gitlab-event',
};

function marked(preset: PresetName, request: RawRequest): RawRequest {
  const mark = marks[preset];
  return mark ? { ...request, headers: { ...request.headers, [mark]: 'push' } } : request;
}

describe('a request that fits', () => {
  it.each(presetNames)('is named after its sender: %s', (preset) => {
    const detection = detect(marked(preset, send(preset, '{"a":1}')), senders[preset].secret);
    expect(detection.complete).toBe(true);
    expect(summary(detection)).toContain(`fits ${preset}`);
    expect(detection.findings).toHaveLength(1);
  });

  it('is described in one line', () => {
    expect(onlyText(detect(send('shopify', '{}'), senders.shopify.secret))).toBe(
      'Shopify: base64 HMAC-SHA256 of the raw body in X-Shopify-Hmac-Sha256',
    );
    expect(onlyText(detect(send('stripe', '{}'), senders.stripe.secret))).toBe(
      'Stripe: hex HMAC-SHA256 of "{timestamp}.{body}" in Stripe-Signature',
    );
  });

  it('is not taken for Intercom’s because GitHub sends SHA-1 as well', () => {
    const request = marked('github', send('github', '{}'));
    const sha1 = `sha1=${hmac('{}', { hash: 'sha1', key: senders.github.secret }).toString('hex')}`;
    const both = { ...request, headers: { ...request.headers, 'x-hub-signature': sha1 } };
    expect(summary(detect(both, senders.github.secret))).toEqual(['fits github']);
  });

  it('has its headers in any case', () => {
    const { headers, ...request } = send('shopify', '{}');
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    const { body: rawBody, ...call } = { ...request, headers: shouted };
    const question = { ...call, rawBody, secret: senders.shopify.secret, clock: () => nowMs };
    expect(summary(detectSignature(question))).toEqual(['fits shopify']);
  });
});

describe('a request that nearly fits', () => {
  const stripe = senders.stripe.secret;

  it('has an old timestamp, or one ahead', () => {
    const old = detect(send('stripe', '{}'), stripe, nowMs + 7 * 60_000);
    expect(summary(old)).toEqual(['nearMiss stripe timestamp_too_old']);
    expect(onlyText(old)).toMatch(/ fits, but the timestamp is 7 min old; at most 5 min are allowed$/);
    const ahead = detect(send('stripe', '{}'), stripe, nowMs - 7_200_000);
    expect(onlyText(ahead)).toMatch(/the timestamp is 2 h ahead/);
  });

  const value = { b: [1, 2.5, 'a: "b", c'], url: 'https://example.com/ü', a: null };
  const compact = JSON.stringify(value);

  it.each<[string, string, string]>([
    ['JSON without blanks', compact, JSON.stringify(value, null, 2)],
    ['JSON indented by 2', JSON.stringify(value, null, 2), compact],
    ['JSON indented by 4', JSON.stringify(value, null, 4), compact],
    ['JSON indented by tabs', JSON.stringify(value, null, '\t'), compact],
    ['JSON with its keys sorted', JSON.stringify({ a: null, b: value.b, url: value.url }), compact],
    [
      'JSON as Python writes it',
      '{"b": [1, 2.5, "a: \\"b\\", c"], "url": "https://example.com/\\u00fc", "a": null}',
      compact,
    ],
    [
      'JSON as PHP writes it',
      '{"b":[1,2.5,"a: \\"b\\", c"],"url":"https:\\/\\/example.com\\/\\u00fc","a":null}',
      compact,
    ],
  ])('had another serialisation when it was signed: %s', (change, signed, arrived) => {
    for (const preset of ['github', 'stripe', 'discord', 'sendgrid', 'square', 'standard-webhooks'] as const) {
      const request = { ...marked(preset, send(preset, signed)), body: Buffer.from(arrived) };
      const detection = detect(request, senders[preset].secret);
      expect(summary(detection)).toEqual([`nearMiss ${preset} body_reserialised`]);
      expect(onlyText(detection)).toContain(
        `fits if the body is re-serialised (${change}): something changed it on the way`,
      );
    }
  });

  it('had another serialisation when its hash went into the URL', () => {
    const hash = createHash('sha256').update('{"a": 1}').digest('hex');
    const url = `${hookUrl}&bodySHA256=${hash}`;
    const headers = { 'x-twilio-signature': hmac(url, { hash: 'sha1' }).toString('base64') };
    const detection = detect({ method: 'POST', url, headers, body: Buffer.from('{"a":1}') }, 'secret');
    expect(summary(detection)).toEqual(['nearMiss twilio body_reserialised']);
  });

  it.each<[string, string, string]>([
    ['without a line break at its end', '{}', '{}\n'],
    ['with a line break at its end', '{"a":1}\n', '{"a":1}'],
    ['with CR LF at its end', 'x\r\n', 'x'],
    ['with LF for CR LF', 'a\nb', 'a\r\nb'],
    ['with CR LF for LF', 'a\r\nb', 'a\nb'],
    ['with or without a byte order mark', '\ufeffx', 'x'],
    ['empty', '', 'something'],
  ])('had other line ends when it was signed: %s', (change, signed, arrived) => {
    const request = { ...send('shopify', signed), body: Buffer.from(arrived) };
    const detection = detect(request, senders.shopify.secret);
    expect(summary(detection)).toEqual(['nearMiss shopify body_line_ends']);
    expect(onlyText(detection)).toContain(`(${change})`);
  });

  it.each([
    ['trimmed of blanks', ` ${stripe}\n`],
    ['without its quotes', `"${stripe}"`],
    ['without its prefix', `whsec_${stripe}`],
    ['base64-decoded', Buffer.from(stripe).toString('base64')],
    ['hex-decoded', Buffer.from(stripe).toString('hex')],
  ])('needs its secret %s', (change, secret) => {
    const detection = detect(send('stripe', '{}'), secret);
    expect(summary(detection)).toEqual(['nearMiss stripe secret_spelling']);
    expect(onlyText(detection)).toContain(`fits with the secret ${change}`);
  });

  it('needs a secret taken as text that looks like base64', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const headers = {
      'webhook-id': '1',
      'webhook-timestamp': String(nowMs / 1_000),
      'webhook-signature': `v1,${hmac(`1.${nowMs / 1_000}.{}`, { key: secret }).toString('base64')}`,
    };
    expect(onlyText(detect(callOf(headers, Buffer.from('{}')), secret))).toContain(
      'fits with the secret taken as text',
    );
  });

  it.each(['stripe', 'paddle'] as const)('came under another header name: %s', (preset) => {
    const request = send(preset, '{}');
    const headers = { 'x-forwarded-sig': request.headers[`${preset}-signature`] };
    const detection = detect({ ...request, headers }, senders[preset].secret);
    expect(summary(detection)).toEqual([`nearMiss ${preset} other_header`]);
    expect(onlyText(detection)).toContain('fits under another header name: it arrived in X-Forwarded-Sig');
  });
});

describe('a plain HMAC', () => {
  const body = Buffer.from('{"a":1}');
  const time = String(nowMs / 1_000);

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['the default', { 'x-millrace-signature': hmac(body).toString('hex') }, {}],
    [
      'base64 SHA-512 with a prefix',
      { 'x-acme': `v1=${hmac(body, { hash: 'sha512' }).toString('base64')}` },
      { header: 'x-acme', algorithm: 'sha512', encoding: 'base64', prefix: 'v1=' },
    ],
    [
      'an Authorization header',
      { authorization: `HMAC ${hmac(body).toString('base64')}` },
      { header: 'authorization', encoding: 'base64', prefix: 'HMAC ' },
    ],
    [
      'a signed time',
      { 'x-time': time, 'x-sig': hmac(`${time}.{"a":1}`).toString('hex') },
      { header: 'x-sig', timestampHeader: 'x-time' },
    ],
    [
      'id and time',
      { 'x-time': time, 'x-msg-id': '7', 'x-sig': hmac(`7.${time}.{"a":1}`).toString('hex') },
      { timestampHeader: 'x-time', idHeader: 'x-msg-id', signedContent: '{id}.{timestamp}.{body}' },
    ],
    ['the URL', { 'x-sig': hmac(`POST${hookUrl}{"a":1}`).toString('hex') }, { signedContent: '{method}{url}{body}' }],
  ])('is found with its settings: %s', (_, headers, settings) => {
    const noise = { host: 'x', 'x-request-id': 'f'.repeat(32), 'x-trace': 'a'.repeat(40), date: 'today' };
    const { findings } = detect(callOf({ ...noise, ...headers }, body), 'secret');
    expect(findings).toEqual([expect.objectContaining({ verdict: 'fits', scheme: 'hmac' })]);
    expect(findings[0]!.fields).toMatchObject({ type: 'hmac', ...settings });
  });

  it('may have a secret in hex or base64, which is a setting', () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
    const call = callOf({ 'x-sig': hmac(body, { key }).toString('hex') }, body);
    const { findings } = detect(call, key.toString('hex'));
    expect(findings).toEqual([expect.objectContaining({ verdict: 'fits' })]);
    expect(findings[0]!.fields).toMatchObject({ secretEncoding: 'hex' });
    expect(summary(detect(call, ` ${key.toString('hex')}`))).toEqual(['nearMiss hmac secret_spelling']);
  });

  it('says who signs so under another header, and who otherwise under this one', () => {
    const hex = hmac(body).toString('hex');
    expect(onlyText(detect(callOf({ 'x-copy': `sha256=${hex}` }, body), 'secret'))).toBe(
      'HMAC: hex HMAC-SHA256 of the raw body in X-Copy; so Bitbucket signs in X-Hub-Signature, GitHub signs in X-Hub-Signature-256',
    );
    const detection = detect(callOf({ 'x-shopify-hmac-sha256': hex }, body), 'secret');
    expect(summary(detection)).toEqual(['fits hmac other_encoding']);
    expect(onlyText(detection)).toContain('though Shopify signs otherwise: base64 HMAC-SHA256');
    const sha1 = callOf({ 'x-hub-signature-256': `sha1=${hmac(body, { hash: 'sha1' }).toString('hex')}` }, body);
    expect(onlyText(detect(sha1, 'secret'))).toContain('HMAC-SHA1');
  });

  it('is a near miss when the body or the time is off', () => {
    const changed = callOf({ 'x-sig': hmac(body).toString('hex') }, Buffer.from('{ "a": 1 }'));
    expect(summary(detect(changed, 'secret'))).toEqual(['nearMiss hmac body_reserialised']);
    const late = callOf({ 'x-time': time, 'x-sig': hmac(`${time}:{"a":1}`).toString('hex') }, body);
    expect(summary(detect(late, 'secret', nowMs + 3_600_000))).toEqual(['nearMiss hmac timestamp_too_old']);
    expect(summary(detect(late, 'secret', nowMs - 3_600_000))).toEqual(['nearMiss hmac timestamp_in_future']);
  });
});

describe('a secret that is sent as it is', () => {
  const secret = 'schlüssel';
  const wire = Buffer.from(secret).toString('latin1');

  it('is an API key or a password', () => {
    const body = Buffer.from('{}');
    expect(summary(detect(callOf({ 'x-key': wire }, body), secret))).toEqual(['fits apiKey']);
    const url = `${hookUrl}&key=${encodeURIComponent(secret)}`;
    expect(summary(detect({ ...callOf({}, body), url }, secret))).toEqual(['fits apiKey']);
    const basic = `Basic ${Buffer.from(`gromit:${secret}`).toString('base64')}`;
    expect(detect(callOf({ authorization: basic }, body), secret).findings[0]?.fields).toEqual({
      type: 'basic',
      username: 'gromit',
    });
    const bearer = detect(callOf({ authorization: `Bearer ${wire}` }, body), secret);
    expect(summary(bearer)).toEqual(['nearMiss apiKey secret_spelling']);
  });
});

describe('a request that does not fit', () => {
  it('tells what was looked at', () => {
    const detection = detect(send('stripe', '{}'), 'wrong');
    expect(summary(detection)).toEqual(['noFit stripe']);
    expect(onlyText(detection)).toMatch(/does not fit: the secret is another one, or the request was changed/);
    const { 'x-slack-request-timestamp': _, ...headers } = send('slack', '{}').headers;
    const noTime = detect({ ...send('slack', '{}'), headers }, senders.slack.secret);
    expect(onlyText(noTime)).toContain('the timestamp is missing in X-Slack-Request-Timestamp');
    expect(onlyText(detect(send('discord', '{}'), 'no key'))).toContain('the secret is not of the kind');
  });

  it('finds nothing where nothing is', () => {
    expect(detect(callOf({ host: 'x' }, Buffer.from('{}')), 'secret')).toEqual({ findings: [], complete: true });
    expect(detect(send('github', '{}'), '')).toEqual({ findings: [], complete: true });
  });
});

describe('the detective', () => {
  it('never shows the secret', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...presetNames),
        fc.constantFrom('', ' ', 'whsec_', '"'),
        fc.boolean(),
        (preset, around, right) => {
          const secret = around + (right ? senders[preset].secret : otherSecretOf(preset)) + around;
          const shown = JSON.stringify(detect(send(preset, '{"a":1}'), secret));
          expect(shown).not.toContain(secret.trim().slice(6));
          expect(shown).not.toContain(senders[preset].secret);
        },
      ),
    );
  });

  it('says when a body was too large to try everything', () => {
    const large = Buffer.alloc(10_000_000, '{"a":1}');
    const headers = Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`x-sig-${at}`, 'a'.repeat(64)]));
    expect(detect(callOf(headers, large), 'secret')).toEqual({ findings: [], complete: false });
    expect(detect(callOf(headers, Buffer.alloc(10_000_001)), 'secret')).toEqual({ findings: [], complete: false });
  });

  it('is not led astray by what is in headers and body', () => {
    const names = fc.constantFrom(
      'x-sig',
      '__proto__',
      'constructor',
      'authorization',
      'stripe-signature',
      'webhook-id',
    );
    const values = fc.oneof(fc.string(), fc.constantFrom('t=1,v1=', 'v1,', '='.repeat(300), 'Basic =', 'a'.repeat(64)));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(names, values)),
        fc.string(),
        fc.string(),
        fc.string({ minLength: 1 }),
        (pairs, url, body, secret) => {
          const headers = Object.fromEntries(pairs);
          expect(() => detect({ method: 'POST', url, headers, body: Buffer.from(body) }, secret)).not.toThrow();
        },
      ),
    );
    const deep = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000));
    expect(summary(detect({ ...send('github', 'x'), body: deep }, senders.github.secret))).toEqual(['noFit github']);
  });
});
