import type { JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { secretsOf } from './secrets-of.js';

const secret = { type: 'string', writeOnly: true };
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

describe('secretsOf', () => {
  it('finds the fields that are marked, and no others of the same name', () => {
    const schema = object({ a: secret, b: secret, user: { type: 'string' }, open: object({ a: { type: 'string' } }) });
    expect(secretsOf(schema, { a: 'one', b: 'two', user: 'anna', open: { a: 'shown' } })).toEqual(['one', 'two']);
    expect(secretsOf(schema, { a: 'one', user: 'anna' })).toEqual(['one']);
  });

  it('finds them in unions, arrays, records and nested objects, each once', () => {
    const schema = object({
      auth: { oneOf: [object({ type: { const: 'none' } }), object({ type: { const: 'basic' }, password: secret })] },
      keys: { type: 'array', items: object({ key: secret }) },
      byName: { type: 'object', additionalProperties: secret },
    });
    const fields = { auth: { type: 'basic', password: 'p' }, keys: [{ key: 'k' }, { key: 'p' }], byName: { x: 'r' } };
    expect(secretsOf(schema, fields)).toEqual(['p', 'k', 'r']);
  });

  it('finds them behind references and takes all that is below a secret', () => {
    const node = object({ key: secret, next: { $ref: '#/$defs/node' } });
    const schema = { ...object({ node: { $ref: '#/$defs/node' } }), $defs: { node } };
    expect(secretsOf(schema, { node: { key: 'a', next: { key: 'b' } } })).toEqual(['a', 'b']);
    const whole = object({ all: { type: 'object', additionalProperties: {}, writeOnly: true } });
    expect(secretsOf(whole, { all: { a: ['x', 7, null], b: { c: 'y' } } })).toEqual(['x', '7', 'y']);
  });
});
