import { sign as signOctokit } from '@octokit/webhooks-methods';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Stripe } from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from './authentication.js';
import { createAuthenticator } from './authenticator.js';
import { hookUrl } from './senders.fixture.js';
import { signStandardWebhook } from './sign.js';

const nowMs = Date.parse('2026-10-09T12:00:00Z');
const clock = (): number => nowMs;
const whsec = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const payloads = fc.json();

function request(headers: Record<string, string>, body: string): RawRequest {
  return { method: 'POST', url: hookUrl, headers, body: Buffer.from(body) };
}

describe('requests that other libraries sign', () => {
  it('are accepted from @octokit/webhooks-methods', async () => {
    const authenticate = createAuthenticator({ type: 'hmac', preset: 'github', secret: 'öctokit' }, { clock });
    await fc.assert(
      fc.asyncProperty(payloads, async (body) => {
        const headers = { 'x-hub-signature-256': await signOctokit('öctokit', body) };
        expect(authenticate(request(headers, body)).outcome).toBe('authentic');
      }),
    );
  });

  it('are accepted from stripe', () => {
    const authenticate = createAuthenticator({ type: 'hmac', preset: 'stripe', secret: 'whsec_test' }, { clock });
    fc.assert(
      fc.property(payloads, (body) => {
        const header = Stripe.webhooks.generateTestHeaderString({
          payload: body,
          secret: 'whsec_test',
          timestamp: nowMs / 1_000,
        });
        expect(authenticate(request({ 'stripe-signature': header }, body)).outcome).toBe('authentic');
      }),
    );
  });

  it('are accepted from standardwebhooks', () => {
    const authenticate = createAuthenticator({ type: 'hmac', preset: 'standard-webhooks', secret: whsec }, { clock });
    fc.assert(
      fc.property(payloads, (body) => {
        const headers = {
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(nowMs / 1_000),
          'webhook-signature': new StandardWebhook(whsec).sign('msg_1', new Date(nowMs), body),
        };
        expect(authenticate(request(headers, body)).outcome).toBe('authentic');
      }),
    );
  });

  it.each(['svix', 'standard-webhooks'])('are accepted from svix by the preset %s', (preset) => {
    const authenticate = createAuthenticator({ type: 'hmac', preset, secret: whsec }, { clock });
    fc.assert(
      fc.property(payloads, (body) => {
        const headers = {
          'svix-id': 'msg_1',
          'svix-timestamp': String(nowMs / 1_000),
          'svix-signature': new SvixWebhook(whsec).sign('msg_1', new Date(nowMs), body),
        };
        expect(authenticate(request(headers, body)).outcome).toBe('authentic');
      }),
    );
  });
});

describe('requests that Millrace signs', () => {
  it('are accepted by standardwebhooks, by svix and by Millrace', () => {
    const now = Date.now();
    const authenticate = createAuthenticator(
      { type: 'hmac', preset: 'standard-webhooks', secret: whsec },
      { clock: () => now },
    );
    fc.assert(
      fc.property(payloads, fc.uuid(), (body, id) => {
        const headers = signStandardWebhook({ secret: whsec, id, timestampMs: now, body: Buffer.from(body) });
        expect(() => new StandardWebhook(whsec).verify(body, headers)).not.toThrow();
        expect(() => new SvixWebhook(whsec).verify(body, headers)).not.toThrow();
        expect(authenticate(request(headers, body)).outcome).toBe('authentic');
      }),
    );
  });

  it('need a secret and an id of the right form, and the error does not show them', () => {
    const message = { secret: 'hunter2!', id: 'msg_1', timestampMs: nowMs, body: Buffer.alloc(0) };
    expect(() => signStandardWebhook(message)).toThrow('secret: expected whsec_ and base64');
    expect(() => signStandardWebhook({ ...message, secret: whsec, id: 'a.b' })).toThrow(/^id: /);
  });
});
