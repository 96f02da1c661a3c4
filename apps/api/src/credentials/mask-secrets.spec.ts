import { describe, expect, it } from 'vitest';
import { maskSecrets, secretValues } from './mask-secrets.js';

const secret = { type: 'string', writeOnly: true };

describe('secretValues', () => {
  it('finds secret fields, also of alternatives and deeper objects, and no others', () => {
    const schema = {
      oneOf: [
        { properties: { type: { const: 'none' } } },
        {
          properties: {
            user: { type: 'string' },
            password: secret,
            keys: {
              properties: { current: secret, previous: { type: 'array', items: { type: 'string' }, writeOnly: true } },
            },
          },
        },
      ],
    };
    const fields = {
      type: 'basic',
      user: 'ada',
      password: 'one',
      keys: { current: 'two', previous: ['three', 'four'] },
    };
    expect(secretValues(schema, fields)).toEqual(['one', 'two', 'three', 'four']);
  });
});

describe('maskSecrets', () => {
  it('takes every secret out of a text, the longer before what it contains', () => {
    expect(maskSecrets('key abcdef and abc, again abc', ['abc', 'abcdef', ''])).toBe('key *** and ***, again ***');
  });
});
