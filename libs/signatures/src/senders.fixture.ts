import { createHmac, createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { RawRequest } from './authentication.js';
import type { PresetName } from './presets.js';

/** A sender as its documentation describes it, written down without the code under test. */
export interface TestSender {
  /** What goes into the credential. */
  secret: string;
  /** A request about a payload, signed now; `secret` differs from the credential's in a rotation. */
  send(payload: Buffer, nowMs: number, secret?: string): RawRequest;
  /** Headers that are signed, or are the signature. */
  signedHeaders: string[];
  signsUrl?: boolean;
}

export const hookUrl = 'https://hooks.example.com/hook/0192f0c1-7b1a-7000-8000-0123456789ab/extra?shop=1';

/** A second secret of the same kind. */
export function otherSecretOf(name: PresetName): string {
  return secretsOf(kindOf(name))[1];
}

const ed25519 = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')] as const;
const p256 = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
] as const;

const whsec = [randomBytes(24), randomBytes(24)].map((key) => `whsec_${key.toString('base64')}`) as [string, string];

/** Private keys by the public key that goes into a credential. */
const privateKeys = new Map<string, KeyObject>([
  ...ed25519.map(({ publicKey, privateKey }) => [rawHex(publicKey), privateKey] as const),
  ...p256.map(({ publicKey, privateKey }) => [spki(publicKey), privateKey] as const),
]);

const seconds = (nowMs: number): string => String(Math.floor(nowMs / 1_000));

export const senders: Record<PresetName, TestSender> = {
  github: bodySigner('x-hub-signature-256', (secret, body) => `sha256=${mac('sha256', secret, body, 'hex')}`),
  bitbucket: bodySigner('x-hub-signature', (secret, body) => `sha256=${mac('sha256', secret, body, 'hex')}`),
  intercom: bodySigner('x-hub-signature', (secret, body) => `sha1=${mac('sha1', secret, body, 'hex')}`),
  shopify: bodySigner('x-shopify-hmac-sha256', (secret, body) => mac('sha256', secret, body, 'base64')),
  typeform: bodySigner('typeform-signature', (secret, body) => `sha256=${mac('sha256', secret, body, 'base64')}`),
  square: {
    ...bodySigner('x-square-hmacsha256-signature', (secret, body) =>
      mac('sha256', secret, Buffer.concat([Buffer.from(hookUrl), body]), 'base64'),
    ),
    signsUrl: true,
  },
  stripe: timedSigner((secret, body, nowMs) => {
    const t = seconds(nowMs);
    return { 'stripe-signature': `t=${t},v1=${macOf(secret, `${t}.`, body)},v0=${'0'.repeat(64)}` };
  }),
  paddle: timedSigner((secret, body, nowMs) => {
    const ts = seconds(nowMs);
    return { 'paddle-signature': `ts=${ts};h1=${macOf(secret, `${ts}:`, body)}` };
  }),
  slack: timedSigner((secret, body, nowMs) => {
    const t = seconds(nowMs);
    return { 'x-slack-request-timestamp': t, 'x-slack-signature': `v0=${macOf(secret, `v0:${t}:`, body)}` };
  }),
  zoom: timedSigner((secret, body, nowMs) => {
    const t = seconds(nowMs);
    return { 'x-zm-request-timestamp': t, 'x-zm-signature': `v0=${macOf(secret, `v0:${t}:`, body)}` };
  }),
  hubspot: {
    ...timedSigner((secret, body, nowMs) => {
      const signed = Buffer.concat([Buffer.from(`POST${hookUrl}`), body, Buffer.from(String(nowMs))]);
      return {
        'x-hubspot-request-timestamp': String(nowMs),
        'x-hubspot-signature-v3': mac('sha256', secret, signed, 'base64'),
      };
    }),
    signsUrl: true,
  },
  'standard-webhooks': standardWebhooks('webhook'),
  'gitlab-signed': standardWebhooks('webhook'),
  svix: standardWebhooks('svix'),
  discord: timedSigner((secret, body, nowMs) => {
    const t = seconds(nowMs);
    const signature = sign(null, Buffer.concat([Buffer.from(t), body]), privateKeyOf(secret));
    return { 'x-signature-timestamp': t, 'x-signature-ed25519': signature.toString('hex') };
  }, secretsOf('ed25519')[0]),
  sendgrid: timedSigner((secret, body, nowMs) => {
    const t = seconds(nowMs);
    const signature = sign('sha256', Buffer.concat([Buffer.from(t), body]), privateKeyOf(secret));
    return {
      'x-twilio-email-event-webhook-timestamp': t,
      'x-twilio-email-event-webhook-signature': signature.toString('base64'),
    };
  }, secretsOf('p256')[0]),
  linear: {
    secret: secretsOf('text')[0],
    signedHeaders: ['linear-signature'],
    send(payload, nowMs, secret = secretsOf('text')[0]) {
      const body = Buffer.from(JSON.stringify({ data: payload.toString('base64'), webhookTimestamp: nowMs }));
      return request({ 'linear-signature': mac('sha256', secret, body, 'hex') }, body);
    },
  },
  twilio: {
    secret: secretsOf('text')[0],
    signedHeaders: ['x-twilio-signature'],
    signsUrl: true,
    send(payload, _nowMs, secret = secretsOf('text')[0]) {
      const fields: Record<string, string> = { To: '+18005551212', Body: payload.toString('hex'), From: '+1 é' };
      const signed = Object.keys(fields)
        .toSorted()
        .reduce((text, name) => text + name + fields[name], hookUrl);
      const headers = {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': mac('sha1', secret, Buffer.from(signed), 'base64'),
      };
      return request(headers, Buffer.from(new URLSearchParams(fields).toString()));
    },
  },
  gitlab: {
    secret: secretsOf('text')[0],
    signedHeaders: ['x-gitlab-token'],
    send: (payload, _nowMs, secret = secretsOf('text')[0]) =>
      request({ 'x-gitlab-token': Buffer.from(secret).toString('latin1') }, payload),
  },
  mailgun: {
    secret: secretsOf('text')[0],
    signedHeaders: [],
    send(payload, nowMs, secret = secretsOf('text')[0]) {
      const timestamp = seconds(nowMs);
      const token = createHash('sha256').update(payload).digest('hex').slice(0, 50);
      const signature = mac('sha256', secret, Buffer.from(timestamp + token), 'hex');
      const event = { signature: { timestamp, token, signature }, 'event-data': { id: payload.toString('hex') } };
      return request({}, Buffer.from(JSON.stringify(event)));
    },
  },
};

/** The asymmetric version of Standard Webhooks. */
export function signV1a(body: Buffer, nowMs: number): { publicKey: string; request: RawRequest } {
  const { publicKey, privateKey } = ed25519[0];
  const signed = Buffer.concat([Buffer.from(`msg_1.${seconds(nowMs)}.`), body]);
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': seconds(nowMs),
    'webhook-signature': `v1a,${sign(null, signed, privateKey).toString('base64')}`,
  };
  const raw = Buffer.from(rawHex(publicKey), 'hex').toString('base64');
  return { publicKey: `whpk_${raw}`, request: request(headers, body) };
}

export function request(headers: Record<string, string>, body: Buffer): RawRequest {
  return { method: 'POST', url: hookUrl, headers, body };
}

function bodySigner(header: string, signature: (secret: string, body: Buffer) => string): TestSender {
  return timedSigner((secret, body) => ({ [header]: signature(secret, body) }));
}

function timedSigner(
  headersOf: (secret: string, body: Buffer, nowMs: number) => Record<string, string>,
  secret: string = secretsOf('text')[0],
): TestSender {
  return {
    secret,
    signedHeaders: Object.keys(headersOf(secret, Buffer.alloc(0), 0)),
    send: (payload, nowMs, used = secret) => request(headersOf(used, payload, nowMs), payload),
  };
}

function standardWebhooks(stem: string): TestSender {
  const [secret] = secretsOf('whsec');
  return timedSigner((used, body, nowMs) => {
    const t = seconds(nowMs);
    const key = Buffer.from(used.replace('whsec_', ''), 'base64');
    const signature = mac('sha256', key, Buffer.concat([Buffer.from(`msg_1.${t}.`), body]), 'base64');
    return { [`${stem}-id`]: 'msg_1', [`${stem}-timestamp`]: t, [`${stem}-signature`]: `v1,${signature}` };
  }, secret);
}

function mac(hash: string, secret: string | Uint8Array, content: Buffer, encoding: 'hex' | 'base64'): string {
  return createHmac(hash, secret).update(content).digest(encoding);
}

function macOf(secret: string, before: string, body: Buffer): string {
  return mac('sha256', secret, Buffer.concat([Buffer.from(before), body]), 'hex');
}

function privateKeyOf(publicKey: string): KeyObject {
  const key = privateKeys.get(publicKey);
  if (!key) throw new Error('no such key');
  return key;
}

type SecretKind = 'text' | 'whsec' | 'ed25519' | 'p256';

function kindOf(name: PresetName): SecretKind {
  if (name === 'discord') return 'ed25519';
  if (name === 'sendgrid') return 'p256';
  return name === 'svix' || name === 'standard-webhooks' || name === 'gitlab-signed' ? 'whsec' : 'text';
}

function secretsOf(kind: SecretKind): readonly [string, string] {
  switch (kind) {
    case 'text':
      return ['a text secret: ü+/=', 'another text secret'];
    case 'whsec':
      return whsec;
    case 'ed25519':
      return [rawHex(ed25519[0].publicKey), rawHex(ed25519[1].publicKey)];
    case 'p256':
      return [spki(p256[0].publicKey), spki(p256[1].publicKey)];
  }
}

function rawHex(publicKey: KeyObject): string {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
}

function spki(publicKey: KeyObject): string {
  return publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}
