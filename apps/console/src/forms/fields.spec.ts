import { describe, expect, it } from 'vitest';
import { fieldsOf, shownFields } from './fields.js';
import { inWords, resolved, type JsonSchema } from './json-schema.js';

const kinds = (properties: Record<string, JsonSchema>, rest: JsonSchema = {}) =>
  Object.fromEntries(fieldsOf({ type: 'object', properties, ...rest }).map(({ name, kind }) => [name, kind]));

describe('the fields of a schema', () => {
  it('are filled in by what their values are', () => {
    expect(
      kinds({
        name: { type: 'string' },
        note: { type: 'string', multiline: true },
        key: { type: 'string', writeOnly: true },
        when: { type: 'string', format: 'data-expression' },
        count: { type: 'integer' },
        live: { type: 'boolean' },
        status: { type: 'string', enum: ['a', 'b'] },
        methods: { type: 'array', items: { type: 'string', enum: ['GET'] } },
        origins: { type: 'array', items: { anyOf: [{ type: 'string', const: '*' }, { type: 'string' }] } },
        answer: { type: 'object', properties: { body: { type: 'string' } } },
        lines: { type: 'array', items: { type: 'object', properties: {} } },
        headers: { type: 'object', additionalProperties: { type: 'string' } },
        body: { description: 'whatever' },
        either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      }),
    ).toEqual({
      name: 'text',
      note: 'multiline',
      key: 'secret',
      when: 'expression',
      count: 'number',
      live: 'boolean',
      status: 'choice',
      methods: 'choices',
      origins: 'texts',
      answer: 'object',
      lines: 'list',
      headers: 'map',
      body: 'any',
      either: 'any',
    });
  });

  it('come in the order of need, of what the author says, and of writing', () => {
    const fields = fieldsOf({
      properties: { a: {}, b: { order: 2 }, c: {}, d: { order: 1 }, e: { default: 1 } },
      required: ['c', 'e'],
    });
    expect(fields.map(({ name }) => name)).toEqual(['c', 'd', 'b', 'a', 'e']);
  });

  it('follow references, also in circles, and take "or nothing" for what it may be', () => {
    const root = { $defs: { pet: { type: 'string', title: 'Pet' }, loop: { $ref: '#/$defs/loop' } } } as JsonSchema;
    expect(kinds({ pet: { $ref: '#/$defs/pet' }, loop: { $ref: '#/$defs/loop' } }, root)).toEqual({
      pet: 'text',
      loop: 'any',
    });
    expect(resolved({ anyOf: [{ type: 'string' }, { type: 'null' }], title: 'Name' }, {})).toEqual({
      type: 'string',
      title: 'Name',
    });
  });

  it('have a label and help in words', () => {
    const [field] = fieldsOf({ properties: { headerName: { description: 'name of the header' } } });
    expect(field).toMatchObject({ label: 'Header name', help: 'Name of the header' });
    expect([inWords('clientId'), inWords('max_items'), inWords('url'), inWords('__')]).toEqual([
      'Client ID',
      'Max items',
      'URL',
      '__',
    ]);
  });

  it('of a broken schema are none', () => {
    expect(fieldsOf({ properties: [] as never })).toEqual([]);
    expect(kinds({ odd: 7 as never })).toEqual({ odd: 'any' });
  });
});

it('folds away what is advanced or one of many, unless it is needed or filled in', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const schema = { properties: Object.fromEntries(names.map((name) => [name, {}])), required: ['a'] };
  const [shown, folded] = shownFields(fieldsOf(schema), (name) => name === 'd');
  expect(shown.map(({ name }) => name)).toEqual(['a', 'd']);
  expect(folded.map(({ name }) => name)).toEqual(['b', 'c', 'e', 'f']);
  const few = { properties: { a: {}, b: { advanced: true } } };
  expect(shownFields(fieldsOf(few), () => false)[1].map(({ name }) => name)).toEqual(['b']);
});
