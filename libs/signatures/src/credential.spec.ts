import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAuthenticator } from './authenticator.js';
import { secretFields, secretPlaces, webhookCredentialSchema } from './credential.js';
import { presetNames } from './presets.js';
import { senders } from './senders.fixture.js';

interface FieldSchema {
  description?: string;
  writeOnly?: boolean;
  const?: string;
}

interface TypeSchema {
  properties: Record<string, FieldSchema>;
  additionalProperties: boolean;
}

function faultsOf(fields: unknown): string[] {
  const parsed = webhookCredentialSchema.safeParse(fields);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
}

describe('the JSON Schema of a webhook credential', () => {
  const schema = z.toJSONSchema(webhookCredentialSchema, { io: 'input' }) as unknown as { oneOf: TypeSchema[] };
  const byType = schema.oneOf.map((type) => [type.properties['type']?.const ?? '', type] as const);

  it('has a member for each type', () => {
    expect(byType.map(([type]) => type)).toEqual(['none', 'basic', 'apiKey', 'hmac']);
  });

  it.each(byType)(
    'marks the secrets of %s as writeOnly and explains every field',
    (type, { properties, additionalProperties }) => {
      const fields = Object.entries(properties);
      const writeOnly = fields.filter(([, field]) => field.writeOnly).map(([name]) => name);
      expect(writeOnly).toEqual([...secretFields[type as keyof typeof secretFields]]);
      expect(fields.filter(([, { description }]) => !description).map(([name]) => name)).toEqual([]);
      expect(additionalProperties).toBe(false);
    },
  );
});

describe('fields that are no webhook credential', () => {
  it.each<[string, string, object]>([
    ['a user name with a colon', 'username', { type: 'basic', username: 'a:b', password: 'x' }],
    ['an empty password', 'password', { type: 'basic', username: 'a', password: '' }],
    ['a header name with a blank', 'headerName', { type: 'apiKey', headerName: 'X Key', value: 'x' }],
    ['no secret', 'secret', { type: 'hmac' }],
    ['an unknown sender', 'preset', { type: 'hmac', secret: 'x', preset: 'acme' }],
    ['a detail that the preset settles', 'header', { type: 'hmac', secret: 'x', preset: 'github', header: 'x-a' }],
    ['a secret that is none of the sender’s', 'secret', { type: 'hmac', secret: 'ä', preset: 'svix' }],
    ['a public key that is none', 'secret', { type: 'hmac', secret: 'abcd', preset: 'discord' }],
    ['a key of another curve', 'secret', { type: 'hmac', secret: senders.discord.secret, preset: 'sendgrid' }],
    ['a secret that is no hex', 'secret', { type: 'hmac', secret: 'xyz', secretEncoding: 'hex' }],
    ['an end of nothing', 'previousUntil', { type: 'hmac', secret: 'x', previousUntil: '2030-01-01T00:00:00Z' }],
    [
      'an end that is no time',
      'previousUntil',
      { type: 'hmac', secret: 'x', previousSecret: 'y', previousUntil: 'soon' },
    ],
    ['content without the body', 'signedContent', { type: 'hmac', secret: 'x', signedContent: '{url}' }],
    ['an unknown part', 'signedContent', { type: 'hmac', secret: 'x', signedContent: '{body}{cookie}' }],
    ['a lone brace', 'signedContent', { type: 'hmac', secret: 'x', signedContent: '{body}}' }],
    ['a part of another sender', 'signedContent', { type: 'hmac', secret: 'x', signedContent: '{body}{form}' }],
    [
      'a time that comes from nowhere',
      'timestampHeader',
      { type: 'hmac', secret: 'x', signedContent: '{timestamp}{body}' },
    ],
    [
      'a time that is not signed',
      'signedContent',
      { type: 'hmac', secret: 'x', timestampHeader: 't', signedContent: '{body}' },
    ],
    ['an id that comes from nowhere', 'idHeader', { type: 'hmac', secret: 'x', signedContent: '{id}{body}' }],
    ['a tolerance of nothing', 'toleranceSeconds', { type: 'hmac', secret: 'x', toleranceSeconds: 60 }],
    [
      'a tolerance of days',
      'toleranceSeconds',
      { type: 'hmac', secret: 'x', timestampHeader: 't', toleranceSeconds: 1e6 },
    ],
  ])('have %s: %s is named', (_, field, fields) => {
    expect(faultsOf(fields)).toEqual([field]);
  });

  it('are refused by name, without their values', () => {
    const create = (fields: unknown) => () => createAuthenticator(fields, { clock: Date.now });
    expect(create({ type: 'basic', username: 'a:b', password: 'hunter2' })).toThrow('check username');
    expect(create({ type: 'hmac', preset: 'svix', secret: 'hunter2!' })).toThrow('check secret');
    expect(create({ type: 'hmac', preset: 'svix', secret: 'hunter2!' })).not.toThrow(/hunter2/);
    expect(create({ type: 'telepathy' })).toThrow('check type');
    expect(create(null)).toThrow('check type');
  });
});

describe('the secret of a preset', () => {
  it.each(presetNames)('is taken in the form that %s hands out', (preset) => {
    expect(faultsOf({ type: 'hmac', preset, secret: senders[preset].secret })).toEqual([]);
  });

  it('is a public key where that is meant, and no private one', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const secret = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(faultsOf({ type: 'hmac', preset: 'discord', secret })).toEqual(['secret']);
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'der', type: 'spki' });
    expect(faultsOf({ type: 'hmac', preset: 'sendgrid', secret: p384.toString('base64') })).toEqual(['secret']);
  });

  it('may be a public key as PEM', () => {
    const der = Buffer.from(senders.sendgrid.secret, 'base64').toString('base64');
    const pem = `-----BEGIN PUBLIC KEY-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END PUBLIC KEY-----\n`;
    expect(faultsOf({ type: 'hmac', preset: 'sendgrid', secret: pem })).toEqual([]);
  });
});

describe('the places where a request carries the secret itself', () => {
  const placesOf = (fields: unknown) => secretPlaces(webhookCredentialSchema.parse(fields));

  it('are those of Basic, API keys and plain tokens', () => {
    expect(placesOf({ type: 'none' })).toEqual({ headers: [], queryNames: [] });
    expect(placesOf({ type: 'basic', username: 'a', password: 'b' })).toEqual({
      headers: ['authorization'],
      queryNames: [],
    });
    expect(placesOf({ type: 'apiKey', headerName: 'X-Key', queryName: 'key', value: 'v' })).toEqual({
      headers: ['x-key'],
      queryNames: ['key'],
    });
    expect(placesOf({ type: 'hmac', preset: 'gitlab', secret: 's' })).toEqual({
      headers: ['x-gitlab-token'],
      queryNames: [],
    });
    expect(placesOf({ type: 'hmac', preset: 'github', secret: 's' })).toEqual({ headers: [], queryNames: [] });
    expect(placesOf({ type: 'hmac', secret: 's' })).toEqual({ headers: [], queryNames: [] });
  });
});
