import { describe, expect, it } from 'vitest';
import { callerAuthentication } from './caller-authentication.js';
import type { WebhookCredential } from './credential.js';

const hmac = (fields: object): WebhookCredential => ({ type: 'hmac', secret: 'it-is-secret', ...fields });

describe('what a caller has to do', () => {
  it('is told by the type of the credential', () => {
    const basic: WebhookCredential = { type: 'basic', username: 'pete', password: 'it-is-secret' };
    const apiKey: WebhookCredential = { type: 'apiKey', headerName: 'X-Api-Key', value: 'it-is-secret' };
    expect(callerAuthentication({ type: 'none' })).toEqual({ type: 'none' });
    expect(callerAuthentication(basic)).toEqual({ type: 'basic' });
    expect(callerAuthentication(apiKey)).toEqual({ type: 'apiKey', headerName: 'X-Api-Key' });
  });

  it('is a scheme with headers for a sender whose way is known, and for settings of one’s own', () => {
    expect(callerAuthentication(hmac({ preset: 'stripe' }))).toEqual({
      type: 'hmac',
      scheme: {
        algorithm: 'sha256',
        encoding: 'hex',
        key: 'text',
        signature: { header: 'stripe-signature', prefix: 'v1=', separator: ',' },
        timestamp: { header: 'stripe-signature', prefix: 't=', separator: ',', unit: 'seconds' },
        id: null,
        signedContent: '{timestamp}.{body}',
      },
    });
    expect(callerAuthentication(hmac({ algorithm: 'sha512', header: 'X-Sign', encoding: 'base64' }))).toMatchObject({
      scheme: { algorithm: 'sha512', encoding: 'base64', signature: { header: 'x-sign' }, timestamp: null },
    });
  });

  it('is no scheme where the sender has a key of its own, or signs what is in the body', () => {
    expect(callerAuthentication(hmac({ preset: 'discord' }))).toEqual({ type: 'hmac', scheme: null });
    expect(callerAuthentication(hmac({ preset: 'mailgun' }))).toEqual({ type: 'hmac', scheme: null });
  });

  it('never has anything secret', () => {
    for (const preset of ['github', 'gitlab', 'shopify', 'slack', 'zoom'] as const) {
      expect(JSON.stringify(callerAuthentication(hmac({ preset })))).not.toContain('it-is-secret');
    }
  });
});
