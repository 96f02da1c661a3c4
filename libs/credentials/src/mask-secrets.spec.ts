import type { JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { marksSecrets, maskSecrets } from './mask-secrets.js';

const secret = { type: 'string', writeOnly: true };
const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });

describe('maskSecrets', () => {
  it('hides what is marked in objects, arrays, records and tuples, and nothing else', () => {
    const schema = object({
      user: { type: 'string' },
      key: secret,
      list: { type: 'array', items: object({ token: secret, name: { type: 'string' } }) },
      byName: { type: 'object', additionalProperties: secret },
      pair: { type: 'array', prefixItems: [{ type: 'string' }, secret] },
    });
    const value = {
      user: 'anna',
      key: 'k',
      list: [{ token: 't', name: 'n' }, { name: 'm' }],
      byName: { a: 'x', b: 1 },
      pair: ['open', 'hidden', 'more'],
      other: { key: 'shown' },
    };
    const before = structuredClone(value);
    expect(maskSecrets(schema, value)).toEqual({
      user: 'anna',
      key: '••••',
      list: [{ token: '••••', name: 'n' }, { name: 'm' }],
      byName: { a: '••••', b: '••••' },
      pair: ['open', '••••', 'more'],
      other: { key: 'shown' },
    });
    expect(value).toEqual(before);
  });

  it('hides a whole object that is marked, keeps null and adds nothing that is not there', () => {
    const schema = object({ all: { type: 'object', writeOnly: true }, key: secret, none: secret });
    expect(maskSecrets(schema, { all: { a: ['x'] }, key: null })).toEqual({ all: '••••', key: null });
  });

  it('hides what any branch of a union marks, and what stands behind references that lead in circles', () => {
    const node = { anyOf: [object({ key: secret, next: { $ref: '#/$defs/node' } }), { $ref: '#/$defs/node' }] };
    const schema = { ...object({ node: { $ref: '#/$defs/node' } }), $defs: { node } };
    expect(maskSecrets(schema, { node: { key: 'a', next: { key: 'b', next: { n: 1 } } } })).toEqual({
      node: { key: '••••', next: { key: '••••', next: { n: 1 } } },
    });
  });

  it('leaves a value alone whose schema marks nothing', () => {
    expect(maskSecrets(object({ a: { type: 'string' } }), { a: 'b', c: [1] })).toEqual({ a: 'b', c: [1] });
    expect(marksSecrets(object({ a: { type: 'string' } }))).toBe(false);
    expect(marksSecrets(object({ a: { type: 'array', items: secret } }))).toBe(true);
  });
});
