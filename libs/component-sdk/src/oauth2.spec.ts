import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineComponent } from './component.js';
import { descriptorOf } from './descriptor.js';
import { oauth2, oauth2Fields, refreshableOf } from './oauth2.js';
import { action } from './operation.js';
import { secret } from './secret.js';

const settings = z.object({ BASE_URL: z.url().default('https://default.example') });
const noop = action({ title: 'Noop', input: z.object({}), output: z.object({}), run: () => ({}) });
const way = oauth2<z.output<typeof settings>>({
  authorizeUrl: 'https://example.com/authorize',
  tokenUrl: ({ BASE_URL }) => `${BASE_URL}/token`,
  scopes: ['read'],
  pkce: true,
});
const component = (fields: z.ZodType) =>
  defineComponent({
    name: 'c',
    title: 'C',
    version: '1.0.0',
    settings,
    credentials: { fields, oauth2: way },
    actions: { noop },
  });

describe('oauth2', () => {
  it('is in the descriptor, with the addresses that the operator set', () => {
    const fields = z.discriminatedUnion('type', [
      z.object({ type: z.literal('key'), key: secret() }),
      oauth2Fields('By authorization'),
    ]);
    expect(descriptorOf(component(fields), { BASE_URL: 'http://127.0.0.1:1' }).credentials?.oauth2).toEqual({
      authorizeUrl: 'https://example.com/authorize',
      tokenUrl: 'http://127.0.0.1:1/token',
      scopes: ['read'],
      pkce: true,
    });
    expect(descriptorOf(component(oauth2Fields('x'))).credentials?.oauth2?.tokenUrl).toBe(
      'https://default.example/token',
    );
  });

  it('needs fields that can hold tokens', () => {
    expect(() => component(z.object({ apiKey: secret() }))).toThrow('oauth2Fields');
  });
});

describe('what can be refreshed', () => {
  it('is what has a refresh token', () => {
    const fields = { type: 'oauth2', clientId: 'c', accessToken: 'a' };
    expect(refreshableOf(fields)).toBeUndefined();
    expect(refreshableOf({ ...fields, refreshToken: 'r' })).toEqual({ expiresAtMs: undefined });
    expect(refreshableOf({ ...fields, refreshToken: 'r', expiresAt: '1970-01-01T00:00:01Z' })).toEqual({
      expiresAtMs: 1_000,
    });
    expect(refreshableOf({ type: 'oauth1', refreshToken: 'r' })).toBeUndefined();
  });
});
