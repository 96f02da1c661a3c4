import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { action, defineComponent, descriptorOf, secret, trigger, type HookRequestInput, type Json } from './index.js';

const credential = z.object({ apiKey: secret().describe('key of the API'), region: z.string().optional() });
const settings = z.object({ PETS_URL: z.url().describe('where the pets are') });

const createPet = action({
  title: 'Create a pet',
  description: 'Stores one pet.',
  credential,
  settings,
  config: z.object({ dryRun: z.boolean().default(false).describe('only check') }),
  input: z.object({ name: z.string().min(1).describe('what it is called'), tags: z.array(z.string()).default([]) }),
  output: z.object({ id: z.number() }),
  run: async ({ input, credential, config, settings, idempotencyKey }) => {
    expectTypeOf(input).toEqualTypeOf<{ name: string; tags: string[] }>();
    expectTypeOf(credential.apiKey).toEqualTypeOf<string>();
    expectTypeOf(config).toEqualTypeOf<{ dryRun: boolean }>();
    expectTypeOf(settings.PETS_URL).toEqualTypeOf<string>();
    expectTypeOf(idempotencyKey).toEqualTypeOf<string>();
    return { id: 1 };
  },
});

const many = action({
  title: 'Many',
  input: z.object({ count: z.number() }),
  output: z.number(),
  idempotency: 'natural',
  async *run({ input, credential }) {
    expectTypeOf(credential).toEqualTypeOf<undefined>();
    for (let i = 0; i < input.count; i += 1) yield i;
  },
});

const receive = trigger.webhook({
  title: 'Receive',
  output: z.unknown(),
  run: ({ input }) => {
    expectTypeOf(input).toEqualTypeOf<HookRequestInput>();
    return input.body;
  },
});

const newPets = trigger.polling({
  title: 'New pets',
  credential,
  config: z.object({ kind: z.string().default('dog') }),
  output: z.object({ id: z.number() }),
  snapshot: z.object({ lastId: z.number().default(0) }),
  async *run({ input, config, credential, snapshot, saveSnapshot }) {
    expectTypeOf(input.scheduledAt).toEqualTypeOf<string>();
    expectTypeOf(config).toEqualTypeOf<{ kind: string }>();
    expectTypeOf(credential.apiKey).toEqualTypeOf<string>();
    expectTypeOf(snapshot).toEqualTypeOf<{ lastId: number } | undefined>();
    yield { id: (snapshot?.lastId ?? 0) + 1 };
    // @ts-expect-error it is a number
    saveSnapshot({ lastId: 'one' });
    saveSnapshot({});
  },
});

trigger.polling({
  title: 'Anything',
  output: z.unknown(),
  run: ({ snapshot, credential }) => {
    expectTypeOf(snapshot).toEqualTypeOf<Json | undefined>();
    expectTypeOf(credential).toEqualTypeOf<undefined>();
  },
});

const pets = defineComponent({
  name: 'pets',
  title: 'Pets',
  version: '1.2.3',
  settings,
  credentials: {
    fields: credential,
    verify: async ({ credential, settings }) => {
      expectTypeOf(credential.apiKey).toEqualTypeOf<string>();
      expectTypeOf(settings.PETS_URL).toEqualTypeOf<string>();
    },
  },
  actions: { createPet, many },
  triggers: { receive },
});

describe('defineComponent', () => {
  it('refuses a wrong type of output at compile time', () => {
    action({
      title: 'Wrong',
      input: z.object({}),
      output: z.object({ id: z.number() }),
      // @ts-expect-error an id must be a number
      run: () => ({ id: 'one' }),
    });
    expect(createPet.kind).toBe('action');
  });

  it('holds all operations by name', () => {
    expect([...pets.operations.keys()]).toEqual(['receive', 'createPet', 'many']);
    expect(Object.isFrozen(pets)).toBe(true);
  });

  it.each([
    ['a name that queues cannot carry', { name: 'Pets' }, /must be lower-case/],
    ['a name of an operation that is no word', { actions: { 'create pet': createPet } }, /must be letters and digits/],
    ['a trigger among the actions', { actions: { receive } }, /is made with trigger\(\)/],
    ['the same name twice', { triggers: { createPet: receive } }, /a trigger has the same name/],
    ['no operation', { actions: {}, triggers: {} }, /has neither trigger nor action/],
    ['credential fields of another', { credentials: undefined }, /its credential must be the credential fields/],
    ['settings of another', { settings: z.object({}) }, /its settings must be the settings/],
  ])('refuses %s', (_what, change, message) => {
    const definition = {
      name: 'pets',
      title: 'Pets',
      version: '1',
      settings,
      credentials: { fields: credential },
      actions: { createPet },
    };
    expect(() => defineComponent({ ...definition, ...change } as never)).toThrow(message);
  });
});

describe('descriptorOf', () => {
  it('describes the credential with its secret fields write-only', () => {
    expect(descriptorOf(pets).credentials).toEqual({
      fields: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: {
          apiKey: { type: 'string', minLength: 1, writeOnly: true, description: 'key of the API' },
          region: { type: 'string' },
        },
        required: ['apiKey'],
        additionalProperties: false,
      },
      required: true,
      verifies: true,
    });
  });

  it('describes an operation with the input as it is to be sent', () => {
    expect(descriptorOf(pets).operations[1]).toMatchObject({
      name: 'createPet',
      title: 'Create a pet',
      description: 'Stores one pet.',
      kind: 'action',
      idempotency: 'none',
      config: { properties: { dryRun: { type: 'boolean', default: false, description: 'only check' } } },
      input: { properties: { name: { description: 'what it is called' } }, required: ['name'] },
      output: { properties: { id: { type: 'number' } } },
    });
  });

  describe('of what people fill in', () => {
    const inputSchemaOf = (input: z.ZodType): unknown => {
      const send = action({ title: 'Send', input, output: z.object({ id: z.number() }), run: () => ({ id: 1 }) });
      const sender = defineComponent({ name: 'sender', title: 'Sender', version: '1', actions: { send } });
      return descriptorOf(sender).operations[0]?.input;
    };

    it('refuses fields that zod would drop unseen, at every depth, and lets outputs be', () => {
      const [, described] = descriptorOf(pets).operations;
      expect(described).toMatchObject({
        config: { additionalProperties: false },
        input: { additionalProperties: false },
      });
      expect(described?.output).not.toHaveProperty('additionalProperties');
      const address = z.object({ city: z.string() });
      expect(inputSchemaOf(z.object({ allOf: address.optional(), many: z.array(address).default([]) }))).toMatchObject({
        additionalProperties: false,
        properties: { allOf: { additionalProperties: false }, many: { items: { additionalProperties: false } } },
      });
    });

    it('lets pass what the author lets pass', () => {
      const open = z.looseObject({ name: z.string(), inner: z.object({ id: z.string() }) });
      expect(inputSchemaOf(open)).toMatchObject({
        additionalProperties: {},
        properties: { inner: { additionalProperties: false } },
      });
      expect(inputSchemaOf(z.object({ id: z.string() }).catchall(z.number()))).toMatchObject({
        additionalProperties: { type: 'number' },
      });
      expect(inputSchemaOf(z.record(z.string(), z.string()))).toMatchObject({
        additionalProperties: { type: 'string' },
      });
    });

    it('does not let the sides of an intersection refuse the fields of each other', () => {
      const side = z.object({ a: z.object({ id: z.string() }) });
      const other = z.union([z.object({ b: z.string() }), z.object({ c: z.string() })]);
      const schema = inputSchemaOf(
        z.object({ closed: side, both: z.intersection(side, other) }),
      ) as z.core.JSONSchema.JSONSchema;
      const validate = z.fromJSONSchema(schema);
      const a = { id: 'x' };
      expect(validate.safeParse({ closed: { a }, both: { a, b: 'x' } }).success).toBe(true);
      expect(validate.safeParse({ closed: { a, b: 'x' }, both: { a, b: 'x' } }).success).toBe(false);
      expect(validate.safeParse({ closed: { a }, both: { a: { ...a, d: 1 }, b: 'x' } }).success).toBe(false);
    });
  });

  it('says of an operation whether it needs a credential only where the component says otherwise', () => {
    const common = { title: 'x', input: z.object({}), output: z.number(), run: () => 1 };
    const needsOf = (required: boolean) => {
      const actions = {
        silent: action(common),
        opens: action({ ...common, credential }),
        needs: action({ ...common, needsCredential: true }),
        does: action({ ...common, needsCredential: false }),
      };
      const component = defineComponent({
        name: 'x',
        title: 'X',
        version: '1',
        credentials: { fields: credential, required },
        actions,
      });
      return descriptorOf(component).operations.map(({ needsCredential }) => needsCredential);
    };
    expect(needsOf(true)).toEqual([undefined, undefined, undefined, false]);
    expect(needsOf(false)).toEqual([undefined, true, true, undefined]);
  });

  it('says how a trigger is set off and of a component without credential that it has none', () => {
    const alone = defineComponent({ name: 'alone', title: 'Alone', version: '1', triggers: { receive } });
    expect(descriptorOf(alone)).toMatchObject({
      credentials: null,
      operations: [{ kind: 'trigger', triggerType: 'webhook', input: { properties: { bodyEncoding: {} } } }],
    });
    const watched = defineComponent({
      name: 'watched',
      title: 'Watched',
      version: '1',
      credentials: { fields: credential },
      triggers: { newPets },
    });
    expect(descriptorOf(watched).operations).toMatchObject([
      {
        kind: 'trigger',
        triggerType: 'polling',
        idempotency: 'natural',
        config: { properties: { kind: { default: 'dog' } } },
        input: { properties: { scheduledAt: { type: 'string' } }, required: ['scheduledAt'] },
      },
    ]);
  });
});
