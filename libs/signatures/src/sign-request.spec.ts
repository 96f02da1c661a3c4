import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthenticator } from './authenticator.js';
import type { WebhookCredential } from './credential.js';
import { hookUrl, senders } from './senders.fixture.js';
import { presetNames, type PresetName } from './presets.js';
import { signCall } from './sign-request.js';
import { signStandardWebhook } from './sign.js';

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const clock = (): number => now;

function outcomeOf(fields: object, body: Buffer, sentAt = now): unknown {
  const credential = fields as WebhookCredential;
  const call = {
    method: 'POST',
    url: hookUrl,
    headers: { 'x-tenant': 'a' },
    body,
    id: 'run_step_0-1',
    timestampMs: sentAt,
  };
  const signed = signCall(credential, call);
  if (!signed.ok) return signed.fault;
  const headers = { ...call.headers, ...signed.headers };
  return createAuthenticator(credential, { clock })({ method: 'POST', url: hookUrl, headers, body });
}

/** Presets whose senders sign with what their receivers do not have, or put something into the body. */
const unsignable = ['discord', 'sendgrid', 'linear', 'mailgun', 'twilio'];

describe('a call that is signed with a credential', () => {
  const own = [
    { type: 'none' },
    { type: 'basic', username: 'wallace', password: 'chéese:1' },
    { type: 'apiKey', headerName: 'X-Api-Key', value: 'Bearer grün' },
    { type: 'hmac', secret: 's', header: 'X-Sig', algorithm: 'sha512', encoding: 'base64', prefix: 'v1=' },
    {
      type: 'hmac',
      secret: 's',
      timestampHeader: 'X-Time',
      idHeader: 'X-Id',
      signedContent: '{id}:{timestamp}:{header:x-tenant}{body}',
    },
    { type: 'hmac', secret: '0aff', secretEncoding: 'hex', signedContent: '{method} {url} {body}' },
    ...presetNames
      .filter((preset) => !unsignable.includes(preset))
      .map((preset) => ({ type: 'hmac', preset, secret: senders[preset].secret })),
  ];

  it.each(own)('is taken by who checks with the same: %j', (credential) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcomeOf(credential, Buffer.from(bytes))).toEqual({ outcome: 'authentic' });
      }),
      { numRuns: 20 },
    );
  });

  it.each(unsignable as PresetName[])('cannot be one of %s, and says why', (preset) => {
    expect(outcomeOf({ type: 'hmac', preset, secret: senders[preset].secret }, Buffer.from('{}'))).toMatch(
      /^calls cannot/,
    );
  });

  it('is the same as Standard Webhooks says, and anew for each attempt', () => {
    const { secret } = senders['standard-webhooks'];
    const call = {
      method: 'POST',
      url: hookUrl,
      headers: {},
      body: Buffer.from('{"a":1}'),
      id: 'msg_1',
      timestampMs: now,
    };
    const signed = signCall({ type: 'hmac', preset: 'standard-webhooks', secret }, call);
    expect(signed).toEqual({ ok: true, headers: signStandardWebhook({ ...call, secret }) });
  });
});
