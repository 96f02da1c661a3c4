import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  action,
  defineComponent,
  descriptorOf,
  jsonSchemaOf,
  secret,
  trigger,
  wholeSchema,
  type Operation,
} from './index.js';

const credential = z.object({ apiKey: secret() });

const addRow = action({
  title: 'Add a row',
  credential,
  config: z.object({
    board: z.string().meta({ title: 'Board', placeholder: 'Roadmap', order: 1, optionsFrom: 'boards' }),
    tags: z.array(z.string().meta({ optionsFrom: 'tags' })).default([]),
  }),
  input: z.looseObject({ name: z.string().describe('Name of the row'), count: z.number().optional() }),
  output: z.looseObject({ id: z.number() }),
  sample: async ({ credential, config, input, http, signal }) => {
    expectTypeOf(credential.apiKey).toEqualTypeOf<string>();
    expectTypeOf(config).toEqualTypeOf<{ board?: string; tags?: string[] }>();
    expectTypeOf(input.count).toEqualTypeOf<number | undefined>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    expectTypeOf(http.get).toBeFunction();
    return { id: 1 };
  },
  options: {
    boards: async ({ credential, search, cursor }) => {
      expectTypeOf(credential.apiKey).toEqualTypeOf<string>();
      expectTypeOf(search).toEqualTypeOf<string>();
      expectTypeOf(cursor).toEqualTypeOf<string | undefined>();
      return ['Roadmap'];
    },
    tags: {
      dependsOn: ['config.board', 'input.name'],
      searchable: true,
      load: ({ config }) => {
        expectTypeOf(config.board).toEqualTypeOf<string | undefined>();
        return { items: [{ value: 1, label: 'one' }], nextCursor: 'more' };
      },
    },
  },
  schemas: {
    input: { dependsOn: ['config.board'], load: async ({ config }) => z.object({ [config.board ?? '']: z.string() }) },
    output: () => ({ type: 'object', properties: { colour: { type: 'string' } } }),
  },
  run: ({ input }) => {
    expectTypeOf(input.name).toEqualTypeOf<string>();
    return { id: 1 };
  },
});

function componentWith(operation: Operation): ReturnType<typeof defineComponent> {
  const group = operation.kind === 'action' ? { actions: { operation } } : { triggers: { operation } };
  return defineComponent({ name: 'x', title: 'X', version: '1', credentials: { fields: credential }, ...group });
}

describe('what a descriptor says of the forms of an operation', () => {
  it('names lists and computed schemas with what they depend on, and whether it retrieves samples', () => {
    expect(descriptorOf(componentWith(addRow)).operations[0]).toMatchObject({
      retrievesSample: true,
      options: {
        boards: { dependsOn: [], searchable: false },
        tags: { dependsOn: ['config.board', 'input.name'], searchable: true },
      },
      dynamicSchemas: { input: { dependsOn: ['config.board'] }, output: { dependsOn: [] } },
      config: {
        properties: {
          board: { type: 'string', title: 'Board', placeholder: 'Roadmap', order: 1, optionsFrom: 'boards' },
          tags: { items: { optionsFrom: 'tags' }, default: [] },
        },
      },
    });
  });

  it('has nothing of it where there is nothing; a polling trigger retrieves a sample by polling', () => {
    const plain = action({ title: 'x', input: z.object({}), output: z.number(), run: () => 1 });
    const [described] = descriptorOf(componentWith(plain)).operations;
    expect(described).toMatchObject({ retrievesSample: false });
    expect(described).not.toHaveProperty('options');
    expect(described).not.toHaveProperty('dynamicSchemas');
    const poll = trigger.polling({ title: 'x', output: z.number(), run: () => 1 });
    expect(descriptorOf(componentWith(poll)).operations[0]).toMatchObject({ retrievesSample: true });
  });

  it.each<[string, z.ZodType]>([
    ['a text', z.string()],
    ['an optional one', z.string().optional()],
    ['one with a default', z.number().default(1)],
    ['a nullable one', z.string().nullable()],
    ['one that is transformed', z.string().transform((text) => text.length)],
    ['one that goes into another schema', z.string().pipe(z.enum(['a']))],
    ['a refined one', z.string().refine(() => true)],
    ['a choice', z.enum(['a', 'b'])],
    ['a union', z.union([z.string(), z.number()])],
    ['an object', z.object({ a: z.string() })],
    ['a list', z.array(z.string())],
    ['anything', z.unknown()],
    ['a secret', secret()],
  ])('passes on all hints of %s', (_what, field) => {
    const hints = {
      title: 'Label',
      description: 'Help.',
      placeholder: 'such as this',
      examples: ['a'],
      order: 3,
      advanced: true,
      multiline: true,
    };
    const { properties } = jsonSchemaOf(z.object({ field: field.meta(hints) })) as { properties: object };
    expect(properties).toEqual({ field: expect.objectContaining(hints) as object });
  });

  it('keeps the hints of a field that is made optional, given a default or a further hint afterwards', () => {
    const field = z.string().meta({ title: 'Label', order: 1 });
    const fields = { a: field.optional(), b: field.default('x'), c: field.describe('Help.'), d: field.min(1) };
    const { properties } = jsonSchemaOf(z.object(fields)) as { properties: Record<string, object> };
    for (const name of Object.keys(fields)) expect(properties[name]).toMatchObject({ title: 'Label', order: 1 });
    expect(properties['c']).toMatchObject({ description: 'Help.' });
  });
});

describe('an operation whose forms do not fit together', () => {
  const common = { title: 'x', output: z.looseObject({}), run: () => ({}) };

  it('is refused when it depends on a field that there is not, also at compile time', () => {
    const operation = action({
      ...common,
      input: z.object({ name: z.string() }),
      // @ts-expect-error there is no such field
      options: { list: { dependsOn: ['input.nme'], load: () => [] } },
    });
    expect(() => componentWith(operation)).toThrow(
      'Component x, action operation: options.list depends on input.nme, which there is not',
    );
  });

  it('is refused when a field names a list that there is not', () => {
    const input = z.object({ deep: z.array(z.object({ name: z.string().meta({ optionsFrom: 'lst' }) })) });
    expect(() => componentWith(action({ ...common, input, options: { list: () => [] } }))).toThrow(
      'a field takes its values from options.lst, which there is not',
    );
  });

  it('is refused when its input would drop the fields that are computed', () => {
    const operation = action({ ...common, input: z.object({}), schemas: { input: () => z.object({}) } });
    expect(() => componentWith(operation)).toThrow('schemas.input adds fields, so input must be a z.looseObject');
  });

  it('cannot say of a hint what it is not', () => {
    // @ts-expect-error a number
    z.string().meta({ order: 'first' });
    // @ts-expect-error a text
    z.string().meta({ placeholder: 1 });
  });

  it('cannot give a sample that its output is not', () => {
    // @ts-expect-error the output is a number
    action({ title: 'x', input: z.object({}), output: z.number(), run: () => 1, sample: () => 'one' });
  });
});

describe('the whole of a schema', () => {
  const always = jsonSchemaOf(z.looseObject({ id: z.string(), more: z.number().optional() }));

  it('has the fields that are written down, as they are, and then those that were loaded', () => {
    const loaded = jsonSchemaOf(z.object({ more: z.string(), colour: z.string() }));
    expect(wholeSchema(always, { ...loaded, additionalProperties: false })).toMatchObject({
      type: 'object',
      properties: { id: { type: 'string' }, more: { type: 'number' }, colour: { type: 'string' } },
      required: ['id', 'more', 'colour'],
      additionalProperties: false,
    });
  });

  it('takes further fields unless the loaded part says that there are none', () => {
    expect(wholeSchema(always, { properties: {} })).toMatchObject({ additionalProperties: true });
  });

  it.each([[{ type: 'string' }], [{ type: 'object' }], [{ type: 'array', properties: {} }]])(
    'is refused when %j was loaded',
    (loaded) => expect(() => wholeSchema(always, loaded)).toThrow('must be the JSON Schema of an object'),
  );
});
