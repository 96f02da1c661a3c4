import type { Json, JsonObject } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { credentialFieldProblems } from '../credentials/field-problems.js';
import { petstoreDescriptor } from '../../test/api.fixture.js';
import { sampleOfSchema } from './sample-of-schema.js';

const field = (schema: JsonObject) => sampleOfSchema({ type: 'object', properties: { field: schema } });

describe('an example of a schema', () => {
  it('has the fields of a pet for the operation that creates one', () => {
    const output = petstoreDescriptor.operations.find(({ name }) => name === 'createPet')!.output;
    expect(sampleOfSchema(output)).toEqual({ id: 1, name: 'Gromit', status: 'available' });
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
    [{ type: 'array', items: { type: 'array', items: { type: 'integer', minimum: 2 }, minItems: 2 } }, [[2, 2]]],
    [{ type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true }, ['field', 'field2']],
    [{ type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 2, uniqueItems: true }, ['a', 'b']],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ type: 'integer', minimum: 1.5 }, 2],
    [{ type: 'integer', maximum: 25, minimum: 11, multipleOf: 10 }, 20],
    [{ prefixItems: [{ type: 'string' }, { type: 'number' }], items: { type: 'boolean' } }, ['field', 1]],
    [{ type: 'object', additionalProperties: { type: 'string' } }, {}],
    [{ description: 'anything' }, null],
    [{ $ref: 'https://elsewhere.example/schema' }, null],
  ])('%j gives %j', (schema, value) => {
    expect(field(schema)).toEqual({ field: value });
  });

  const bounds = fc.record(
    { minimum: fc.integer({ min: -20, max: 5 }), maximum: fc.integer({ min: 6, max: 20 }) },
    { requiredKeys: [] },
  );
  const leaf = fc.oneof(
    fc.tuple(fc.constantFrom('integer', 'number'), bounds).map(([type, given]) => ({ type, ...given })),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(9), maxLength: fc.integer({ min: 9, max: 12 }) }),
    fc.constantFrom('date-time', 'email', 'uuid', 'uri', 'ipv4').map((format) => ({ type: 'string', format })),
    fc
      .uniqueArray(fc.oneof(fc.string(), fc.integer()), { minLength: 1, maxLength: 3 })
      .map((choices) => ({ enum: choices })),
    fc.constant({ type: ['null', 'boolean'] }),
  );
  const { schema } = fc.letrec((tie) => ({
    schema: fc.oneof({ maxDepth: 4 }, leaf, tie('list'), tie('object')),
    list: fc.record({ type: fc.constant('array'), items: tie('schema'), minItems: fc.nat(4) }),
    object: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('schema'), { maxKeys: 3 }).map((properties) => ({
      type: 'object',
      properties,
      required: Object.keys(properties),
    })),
  }));

  it('fits its schema, and is the same each time', () => {
    fc.assert(
      fc.property(schema, (given) => {
        const properties = { field: given } as JsonObject;
        const whole: JsonObject = { type: 'object', required: ['field'], properties };
        expect(credentialFieldProblems(whole, sampleOfSchema(whole) as JsonObject)).toEqual([]);
        expect(sampleOfSchema(whole)).toEqual(sampleOfSchema(whole));
      }),
    );
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
