import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Authentication } from './authentication.js';
import { createAuthenticator } from './authenticator.js';
import type { PresetName } from './presets.js';
import { otherSecretOf, senders } from './senders.fixture.js';

const nowMs = Date.parse('2026-10-09T12:00:00Z');
const json = { 'content-type': 'application/json; charset=utf-8' };

function answerTo(preset: PresetName, body: unknown, signedWith = senders[preset].secret): Authentication {
  const fields = { type: 'hmac', preset, secret: senders[preset].secret, previousSecret: otherSecretOf(preset) };
  const request = senders[preset].send(Buffer.from(JSON.stringify(body)), nowMs, signedWith);
  return createAuthenticator(fields, { clock: () => nowMs })(request);
}

describe('the handshake of Slack', () => {
  const body = {
    token: 'x',
    challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    type: 'url_verification',
  };

  it('is answered with the challenge', () => {
    const answer = { challenge: body.challenge };
    expect(answerTo('slack', body)).toEqual({
      outcome: 'handshake',
      status: 200,
      headers: json,
      body: JSON.stringify(answer),
    });
  });

  it('must be authentic itself', () => {
    expect(answerTo('slack', body, 'a wrong secret')).toEqual({ outcome: 'refused', reason: 'wrong_signature' });
  });

  it('is no handshake without a challenge, nor when it is large', () => {
    expect(answerTo('slack', { type: 'url_verification' })).toEqual({ outcome: 'authentic' });
    expect(answerTo('slack', { ...body, padding: 'x'.repeat(20_000) })).toEqual({ outcome: 'authentic' });
  });

  it('is told from events', () => {
    expect(answerTo('slack', { type: 'event_callback', challenge: 'x' })).toEqual({ outcome: 'authentic' });
    expect(answerTo('slack', ['url_verification'])).toEqual({ outcome: 'authentic' });
  });
});

describe('the handshake of Zoom', () => {
  const body = { event: 'endpoint.url_validation', payload: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw' } };

  it.each([senders.zoom.secret, otherSecretOf('zoom')])('is answered under the secret that signed it', (secret) => {
    const encryptedToken = createHmac('sha256', secret).update(body.payload.plainToken).digest('hex');
    expect(answerTo('zoom', body, secret)).toEqual({
      outcome: 'handshake',
      status: 200,
      headers: json,
      body: JSON.stringify({ plainToken: body.payload.plainToken, encryptedToken }),
    });
  });
});

describe('the handshake of Discord', () => {
  it('is a PONG for a PING of interactions, and 204 for one of webhook events', () => {
    expect(answerTo('discord', { id: '1', type: 1, version: 1 })).toEqual({
      outcome: 'handshake',
      status: 200,
      headers: json,
      body: '{"type":1}',
    });
    expect(answerTo('discord', { version: 1, application_id: '1', type: 0 })).toEqual({
      outcome: 'handshake',
      status: 204,
      headers: {},
      body: '',
    });
  });

  it('is told from events, which have type 1 too, and from commands', () => {
    const event = { version: 1, type: 1, event: { type: 'APPLICATION_AUTHORIZED' } };
    expect(answerTo('discord', event)).toEqual({ outcome: 'authentic' });
    expect(answerTo('discord', { id: '1', type: 2, data: {} })).toEqual({ outcome: 'authentic' });
  });
});
