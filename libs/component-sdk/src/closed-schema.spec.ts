import { describe, expect, it } from 'vitest';
import { closedSchema } from './closed-schema.js';

describe('closedSchema', () => {
  it('closes objects in fields, items and definitions, and no field is taken for a keyword', () => {
    const object = { type: 'object', properties: { allOf: { type: 'string' } } };
    const schema = { properties: { properties: object, list: { items: object } }, $defs: { tree: object } };
    const done = { ...object, additionalProperties: false };
    expect(closedSchema(schema)).toEqual({
      properties: { properties: done, list: { items: done } },
      $defs: { tree: done },
      additionalProperties: false,
    });
  });

  it('leaves open what describes a part of a value, also by reference', () => {
    const object = { type: 'object', properties: { id: { type: 'string' } } };
    const schema = { allOf: [object, { anyOf: [{ $ref: '#/$defs/part' }] }], $defs: { part: object, whole: object } };
    expect(closedSchema(schema)).toEqual({
      ...schema,
      $defs: { part: object, whole: { ...object, additionalProperties: false } },
    });
  });
});
