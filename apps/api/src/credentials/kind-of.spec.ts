import { describe, expect, it } from 'vitest';
import { kindOf } from './kind-of.js';

const form = (properties: object) => ({ type: 'object', properties });
const fields = { type: 'basic', preset: 'github' };

describe('the kind of a credential', () => {
  it('is what its schema has as the only value or in a list, in any of its forms', () => {
    const schema = {
      oneOf: [form({ type: { const: 'none' } }), form({ type: { const: 'basic' }, preset: { enum: ['github'] } })],
    };
    expect(kindOf(schema as never, fields)).toEqual({ type: 'basic', preset: 'github' });
    expect(kindOf(schema as never, { type: 'none' })).toEqual({ type: 'none', preset: null });
  });

  it.each([
    ['is of a type only', form({ type: { type: 'string' } })],
    ['is secret', form({ type: { const: 'basic', writeOnly: true } })],
    [
      'is secret in one form',
      { anyOf: [form({ type: { const: 'basic' } }), form({ type: { type: 'string', writeOnly: true } })] },
    ],
    ['has other values', form({ type: { enum: ['bearer'] } })],
    ['is not there', form({})],
  ])('is not told where the property %s', (_what, schema) => {
    expect(kindOf(schema as never, fields)).toEqual({ type: null, preset: null });
  });
});
