import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../../forms/json-schema.js';
import { credentialTypes, kindWords, typeOfFields } from './credential-types.js';

const text: JsonSchema = { type: 'string' };
const webhook: JsonSchema = {
  oneOf: [
    { properties: { type: { const: 'none', description: 'No authentication: anyone can call' } }, required: ['type'] },
    { properties: { type: { const: 'basic' }, username: text, password: text }, required: ['type', 'username'] },
    {
      properties: {
        type: { const: 'hmac' },
        preset: { enum: ['github', 'slack'] },
        secret: { ...text, writeOnly: true },
        header: text,
      },
      required: ['type', 'secret'],
    },
  ],
};

describe('the types of a credential', () => {
  const types = credentialTypes(webhook);

  it('are the alternatives of its schema, then each sender that is known', () => {
    expect(types.map(({ label }) => label)).toEqual(['No Auth', 'Basic Auth', 'HMAC verification', 'GitHub', 'Slack']);
    expect(types[0]?.help).toBe('Anyone can call');
  });

  it('ask for what is not settled by the choice', () => {
    const asked = types.map(({ schema }) => [Object.keys(schema.properties ?? {}), schema.required]);
    expect(asked).toEqual([
      [[], []],
      [['username', 'password'], ['username']],
      [['secret', 'header'], ['secret']],
      [['secret'], ['secret']],
      [['secret'], ['secret']],
    ]);
    expect(types[3]?.given).toEqual({ type: 'hmac', preset: 'github' });
  });

  it('are a single one where there are no alternatives', () => {
    const single = credentialTypes({ type: 'object', properties: { apiKey: text } });
    expect(single).toMatchObject([{ key: '', given: {} }]);
  });

  it('are found again by fields, a preset before the type that it is of', () => {
    expect(typeOfFields(types, { type: 'hmac', preset: 'slack' })).toMatchObject({
      type: { label: 'Slack' },
      values: {},
    });
    expect(typeOfFields(types, { type: 'hmac', header: 'x-sign' })).toMatchObject({
      type: { label: 'HMAC verification' },
      values: { header: 'x-sign' },
    });
    expect(typeOfFields(types, { type: 'other' })).toBeUndefined();
  });
});

describe('what a credential is called by its kind', () => {
  it('is the label of its type, and the sender of a preset', () => {
    expect(kindWords(webhook, { type: 'basic', preset: null })).toBe('Basic Auth');
    expect(kindWords(webhook, { type: 'hmac', preset: 'github' })).toBe('HMAC verification, GitHub');
  });

  it('is the same for a component that is away, and missing where there is one kind only', () => {
    expect(kindWords(undefined, { type: 'apiKey', preset: null })).toBe('API Key Auth');
    expect(kindWords(webhook, { type: null, preset: null })).toBeUndefined();
  });
});
