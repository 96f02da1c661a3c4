import { action, defineComponent, secret, TerminalError, trigger, waitForResume } from '@millrace/component-sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestHost } from './test-host.js';

const credential = z.object({ apiKey: secret() });
const secretKey = 'hunter2-is-long';
const posted: unknown[] = [];
let pollsEnded = 0;

const rows = action({
  title: 'Add a row',
  credential,
  config: z.object({
    board: z.string().min(2).meta({ title: 'Board', optionsFrom: 'boards' }),
    limit: z.number().default(3),
  }),
  input: z.looseObject({ name: z.string(), count: z.number().optional() }),
  output: z.looseObject({ id: z.number() }),
  sample: ({ input, config, credential }) =>
    config.board === 'empty' ? undefined : { id: 7, input, config, keyLength: credential.apiKey.length },
  options: {
    boards: ({ credential }) => {
      if (credential.apiKey !== secretKey) throw new TerminalError(`no board for ${credential.apiKey}`);
      return ['Roadmap', { value: 'b2', label: 'Bugs', description: 'what is broken' }, { value: 'b3' }];
    },
    columns: {
      dependsOn: ['config.board', 'input.count'],
      searchable: true,
      load: ({ config, input, search, cursor }) => ({
        items: [{ value: input.count ?? -1, label: `${config.board} ${search} ${cursor ?? 'first'}` }],
        nextCursor: cursor === undefined ? 'second' : undefined,
      }),
    },
    broken: () => [{ label: 'no value' }] as never,
    many: () => Array.from({ length: 1_001 }, (_, at) => `${at}`),
    hanging: () => new Promise<never>(() => undefined),
    leaking: ({ credential }) => {
      throw new Error(`the key ${credential.apiKey} is wrong`);
    },
  },
  schemas: {
    input: {
      dependsOn: ['config.board'],
      load: ({ config }) => z.object({ [`of${config.board}`]: z.string(), name: z.number() }),
    },
    output: () => ({ type: 'string' }),
  },
  run: ({ input }) => {
    posted.push(input);
    return { id: posted.length };
  },
});

const common = { title: 'Plain', input: z.object({ name: z.string() }), output: z.unknown() };
const tables = defineComponent({
  name: 'tables',
  title: 'Tables',
  version: '1.0.0',
  credentials: { fields: credential, required: false },
  actions: {
    rows,
    plain: action({ ...common, run: ({ input }) => input.name }),
    several: action({
      ...common,
      async *run({ input }) {
        for (const at of [1, 2, 3]) {
          posted.push(at);
          yield `${input.name} ${at}`;
        }
      },
    }),
    waits: action({ ...common, waits: true, run: () => waitForResume({ timeoutMs: 1_000, onTimeout: 'fail' }) }),
  },
  triggers: {
    poll: trigger.polling({
      title: 'Poll',
      output: z.unknown(),
      async *run({ snapshot, saveSnapshot }) {
        try {
          saveSnapshot({ seen: 1 });
          yield { first: true, snapshot: snapshot ?? 'none' };
          throw new Error('nobody asks for more');
        } finally {
          pollsEnded += 1;
        }
      },
    }),
    nothing: trigger.polling({ title: 'Nothing', output: z.unknown(), run: () => undefined }),
    receive: trigger.webhook({ title: 'Receive', output: z.unknown(), run: () => 1 }),
  },
});

const host = createTestHost(tables);
afterAll(() => host.close());
const form = { credential: { apiKey: secretKey }, config: { board: 'ideas' } };
const refused = (code: string, message?: unknown) => ({
  ok: false,
  error: { code, ...(message === undefined ? {} : { message }) },
});

describe('a sample that is retrieved', () => {
  it('is what the operation gives, with what is known and fits of input and configuration', async () => {
    const input = { name: 'x', count: 'many', more: true };
    expect(await host.sample('rows', { ...form, input })).toEqual({
      ok: true,
      value: {
        found: true,
        output: {
          id: 7,
          input: { name: 'x', more: true },
          config: { board: 'ideas', limit: 3 },
          keyLength: secretKey.length,
        },
      },
    });
    expect(await host.sample('rows', { ...form, config: { board: 'x' }, input: null })).toMatchObject({
      value: { output: { input: {}, config: { limit: 3 } } },
    });
    expect(posted).toEqual([]);
  });

  it('is none where the real system has none', async () => {
    expect(await host.sample('rows', { ...form, config: { board: 'empty' } })).toEqual({
      ok: true,
      value: { found: false },
    });
    expect(await host.sample('nothing')).toEqual({ ok: true, value: { found: false } });
  });

  it('is the first output of a poll that knows nothing, which ends there', async () => {
    expect(await host.sample('poll')).toEqual({
      ok: true,
      value: { found: true, output: { first: true, snapshot: 'none' } },
    });
    expect(pollsEnded).toBe(1);
  });

  it('is not made by running an action, unless just that is asked for; it then does all that it does', async () => {
    posted.length = 0;
    expect(await host.sample('several', { input: { name: 'x' } })).toMatchObject(
      refused('sample_not_offered', '“Plain” offers no retrieval of samples'),
    );
    expect(posted).toEqual([]);
    expect(await host.sample('several', { input: { name: 'x' }, run: true })).toEqual({
      ok: true,
      value: { found: true, output: 'x 1' },
    });
    expect(posted).toEqual([1, 2, 3]);
    expect(await host.sample('rows', { ...form, input: { name: 'y' }, run: true })).toMatchObject({
      value: { output: { id: 4 } },
    });
  });

  it('needs the whole input to run an action, and none can be had of one that waits or of a webhook', async () => {
    expect(await host.sample('plain', { run: true })).toMatchObject(refused('invalid_input'));
    expect(await host.sample('waits', { input: { name: 'x' }, run: true })).toMatchObject(
      refused('sample_not_offered'),
    );
    expect(await host.sample('receive', { run: true })).toMatchObject(refused('sample_not_offered'));
  });

  it('says that the credential is missing, or what the operation says', async () => {
    expect(await host.sample('rows')).toMatchObject(refused('credential_missing'));
    expect(await host.sample('unknown')).toMatchObject(refused('operation_unknown'));
  });
});

describe('a list of values', () => {
  it('has a label for each value, and is searched by the runtime', async () => {
    const all = [
      { value: 'Roadmap', label: 'Roadmap' },
      { value: 'b2', label: 'Bugs', description: 'what is broken' },
      { value: 'b3', label: 'b3' },
    ];
    expect(await host.options('rows', 'boards', form)).toEqual({ ok: true, value: { items: all, nextCursor: null } });
    for (const search of ['BUGS', 'b2', 'broken']) {
      expect(await host.options('rows', 'boards', { ...form, search })).toMatchObject({ value: { items: [all[1]] } });
    }
    expect(await host.options('rows', 'boards', { ...form, search: 'zebra' })).toMatchObject({ value: { items: [] } });
  });

  it('may depend on other fields, be searched by the component and have further pages', async () => {
    const known = { ...form, input: { count: 5 }, search: 'do' };
    expect(await host.options('rows', 'columns', known)).toEqual({
      ok: true,
      value: { items: [{ value: 5, label: 'ideas do first' }], nextCursor: 'second' },
    });
    expect(await host.options('rows', 'columns', { ...known, cursor: 'second' })).toMatchObject({
      value: { items: [{ label: 'ideas do second' }], nextCursor: null },
    });
  });

  it.each([
    [{ input: { count: 5 } }, 'Fill in “Board” first', 'config.board'],
    [{ config: { board: 'x' }, input: { count: 5 } }, 'Fill in “Board” first', 'config.board'],
    [{ config: { board: 'ideas' }, input: {} }, 'Fill in “count” first', 'input.count'],
  ])('names the field that has to be filled in before: of %j', async (given, message, field) => {
    expect(await host.options('rows', 'columns', { credential: form.credential, ...given })).toEqual({
      ok: false,
      error: { code: 'field_needed', message, detail: { field } },
    });
  });

  it.each([
    ['unknown', 'options_unknown', '“Add a row” has no list unknown'],
    ['broken', 'options_invalid', 'The component gave for the list broken what is no list of values and labels'],
    ['many', 'options_too_many', 'The component gave 1001 values for the list many, and 1000 are allowed at a time'],
    ['leaking', 'operation_failed', 'the key *** is wrong'],
  ])('that is %s is told with code %s', async (list, code, message) => {
    expect(await host.options('rows', list, form)).toMatchObject(refused(code, message));
  });
});

describe('a schema that is computed', () => {
  it('holds the fields that are always there, as they are, and the others', async () => {
    expect(await host.schema('rows', 'input', form)).toEqual({
      ok: true,
      value: {
        schema: expect.objectContaining({
          properties: { name: { type: 'string' }, count: { type: 'number' }, ofideas: { type: 'string' } },
          required: ['name', 'ofideas'],
          additionalProperties: false,
        }) as object,
      },
    });
  });

  it('is the one that is written down where nothing is computed', async () => {
    expect(await host.schema('plain', 'input')).toMatchObject({
      value: { schema: { properties: { name: {} }, additionalProperties: false } },
    });
  });

  it('is refused in words when it is none, or while a field is missing', async () => {
    expect(await host.schema('rows', 'output', form)).toMatchObject(
      refused('schema_invalid', expect.stringContaining('must be the JSON Schema of an object')),
    );
    expect(await host.schema('rows', 'input', { credential: form.credential })).toMatchObject(refused('field_needed'));
  });
});
