import type { Json, JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { petstoreDescriptor } from '../../test/api.fixture.js';
import { sampleOfSchema } from './sample-of-schema.js';

const field = (schema: JsonObject) => sampleOfSchema({ type: 'object', properties: { field: schema } });

describe('an example of a schema', () => {
  it('has the fields of a pet for the operation that creates one', () => {
    const output = petstoreDescriptor.operations.find(({ name }) => name === 'createPet')!.output;
    expect(sampleOfSchema(output)).toEqual({ id: 1, name: 'name', status: 'status' });
  });

  it.each<[JsonObject, Json]>([
    [{ examples: ['Gromit'], default: 'other', type: 'string' }, 'Gromit'],
    [{ default: false, type: 'boolean' }, false],
    [{ const: null }, null],
    [{ enum: ['available', 'sold'] }, 'available'],
    [{ anyOf: [{ type: 'integer', minimum: 5 }, { type: 'string' }] }, 5],
    [{ oneOf: [{ type: 'array', items: { type: 'boolean' } }] }, [true]],
    [
      { allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'null' } } }] },
      { a: 'a', b: null },
    ],
    [{ type: ['null', 'string'] }, 'field'],
    [{ type: 'string', format: 'date-time' }, '2026-01-31T12:00:00Z'],
    [{ type: 'string', format: 'toString' }, 'field'],
    [{ type: 'string', minLength: 7, maxLength: 8 }, 'fieldxx'],
    [{ type: 'string', maxLength: 3 }, 'fie'],
    [{ type: 'number', exclusiveMaximum: -3 }, -4],
    [{ type: 'integer', multipleOf: 10 }, 10],
    [{ type: 'array', items: { type: 'string' }, minItems: 2 }, ['field', 'field']],
    [{ type: 'array', items: { type: 'string' }, maxItems: 0 }, []],
    [{ prefixItems: [{ type: 'string' }, { type: 'number' }], items: { type: 'boolean' } }, ['field', 1]],
    [{ type: 'object', additionalProperties: { type: 'string' } }, {}],
    [{ description: 'anything' }, null],
    [{ $ref: 'https://elsewhere.example/schema' }, null],
  ])('%j gives %j', (schema, value) => {
    expect(field(schema)).toEqual({ field: value });
  });

  it('is empty where the schema says nothing', () => {
    expect(sampleOfSchema({ description: 'the value of the JSON body' })).toEqual({});
  });

  it('leaves out secrets and names that reach a prototype', () => {
    const properties = JSON.parse(
      '{"a":{"type":"string"},"key":{"type":"string","writeOnly":true},"__proto__":{"type":"string"}}',
    ) as Json;
    expect(sampleOfSchema({ type: 'object', properties })).toEqual({ a: 'a' });
  });

  it('follows references, and ends where one leads back to itself', () => {
    const node = { type: 'object', properties: { name: { type: 'string' }, next: { $ref: '#/$defs/a~1b' } } };
    expect(sampleOfSchema({ $ref: '#/$defs/a~1b', $defs: { 'a/b': node } })).toEqual({ name: 'name', next: null });
  });

  it('ends on definitions that double again and again', () => {
    const $defs: JsonObject = { d0: { type: 'string' } };
    for (let level = 1; level < 40; level += 1) {
      const $ref = `#/$defs/d${level - 1}`;
      $defs[`d${level}`] = { type: 'object', properties: { left: { $ref }, right: { $ref } } };
    }
    const began = Date.now();
    sampleOfSchema({ $ref: '#/$defs/d39', $defs });
    expect(Date.now() - began).toBeLessThan(2_000);
  });
});
