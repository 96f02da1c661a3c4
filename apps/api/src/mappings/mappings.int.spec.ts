import type { Json } from '@millrace/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  petstoreDescriptor,
  startComponent,
  tutorialDraft,
  useApi,
  webhookDescriptor,
  type TestUser,
} from '../../test/api.fixture.js';
import { maxPreviewsAtOnce } from './preview-mapping.js';

const test = useApi({ MAPPING_TIME_LIMIT_MS: '200', MAPPING_MEMORY_LIMIT_MB: '64' });
let user: TestUser;
beforeAll(async () => {
  user = await test.signedIn();
});

const output = { petname: 'gromit', lines: [{ price: 2 }, { price: 3 }] };
const endless = '($f := function($x) { $f($x) }; $f(1))';
const preview = (mapping: unknown, context: object = { output }) =>
  test.as(user).post('/v1/mappings/preview').send({ mapping, context });

describe('publishing a flow', () => {
  it('takes expressions of the whole language, and refuses one that is none by its pointer', async () => {
    const components = [
      await startComponent(test, petstoreDescriptor),
      await startComponent(test, webhookDescriptor),
    ] as const;
    const client = test.as(user);
    const credential = async (body: object) =>
      ((await client.post('/v1/credentials').send(body).expect(201)).body as { id: string }).id;
    const draft = tutorialDraft(
      await credential({ component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } }),
      await credential({ component: 'webhook', name: 'Open', fields: { type: 'none' } }),
    );
    const flow = (await client.post('/v1/flows').send({ name: 'Pets', draft }).expect(201)).body as { id: string };
    const publish = async (name: string, key: string) => {
      const [receive, create] = draft.steps;
      const steps = [
        { ...receive, config: { deduplicate: { key } } },
        { ...create, mapping: { name, status: 'petstatus' } },
      ];
      await client
        .put(`/v1/flows/${flow.id}/draft`)
        .send({ ...draft, steps })
        .expect(200);
      return client.post(`/v1/flows/${flow.id}/publish`);
    };
    const refused = await publish('$uppercase(petname', '$lowercas(petname)');
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      code: 'draft_invalid',
      problems: [
        { pointer: '/steps/0/config/deduplicate/key', code: 'invalid_expression' },
        { pointer: '/steps/1/mapping/name', code: 'invalid_expression' },
      ],
    });
    expect((await publish('$uppercase(petname)', '$lowercase(petname)')).status).toBe(201);
    for (const { close } of components) await close();
  });
});

describe('the preview of a mapping', () => {
  it('is what a step would get', async () => {
    const mapping = {
      name: '$uppercase(petname)',
      total: '$sum(lines.price)',
      prices: ['lines[0].price', 7],
      page: '$request.query.page',
      first: '$steps.step_1.id & "/" & $run.id',
      nothing: 'missing',
      none: null,
    };
    const context = { output, steps: { step_1: { id: 4 } }, request: { query: { page: '2' } }, run: { id: 'r' } };
    const { body } = await preview(mapping, context).expect(200);
    expect(body).toEqual({
      value: { name: 'GROMIT', total: 5, prices: [2, 7], page: '2', first: '4/r', none: null },
      errors: [],
    });
  });

  it('of a single path needs no context but its root, and of one that leads nowhere has no value', async () => {
    expect((await preview('petname').expect(200)).body).toEqual({ value: 'gromit', errors: [] });
    expect((await preview('nowhere', {}).expect(200)).body).toEqual({ errors: [] });
  });

  it('has the present time, and other random values each time', async () => {
    const values = async () =>
      (await preview(['$uuid()', '$millis()']).expect(200)).body as { value: [string, number] };
    const [one, other] = [await values(), await values()];
    expect(one.value[0]).not.toBe(other.value[0]);
    expect(Math.abs(one.value[1] - Date.now())).toBeLessThan(60_000);
  });

  it('tells of every expression that fails on this context, with its place and no value', async () => {
    const { body } = await preview({ good: 'petname', a: { b: '1 + petname' }, c: '$number(petname)' }).expect(200);
    expect(body).toEqual({
      errors: [
        {
          pointer: '/a/b',
          expression: '1 + petname',
          position: 2,
          code: 'T2002',
          message: expect.any(String) as string,
          inputShape: '{ petname: text, lines: list of 2, first { … } }',
        },
        expect.objectContaining({ pointer: '/c', code: 'D3030', position: 0 }),
      ],
    });
    expect(JSON.stringify(body)).not.toContain('gromit');
  });

  it.each<[string, string, string]>([
    ['an endless loop', endless, 'time_exceeded'],
    ['a slow regular expression', '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)', 'time_exceeded'],
    ['a list without end', '$map([1..9000000], function($x) { $x * 2 })', 'exceeded'],
  ])('of %s is ended', async (_what, expression, code) => {
    const { body } = await preview({ good: 'petname', bad: expression }).expect(200);
    expect(body).toMatchObject({ errors: [{ pointer: '/bad', code: expect.stringContaining(code) as string }] });
  });

  it('is refused with the place of each expression that is none', async () => {
    const { body } = await preview({ a: '$sum(', b: ['petname', '$summ(1)'], c: 'fine' }).expect(422);
    expect(body).toMatchObject({
      code: 'mapping_invalid',
      problems: [
        {
          pointer: '/mapping/a',
          code: 'invalid_expression',
          message: expect.stringMatching(/^At character \d+: /) as Json,
        },
        {
          pointer: '/mapping/b/1',
          code: 'invalid_expression',
          message: expect.stringMatching(/^At character 1: /) as Json,
        },
      ],
    });
  });

  it.each<[string, object, number, string]>([
    ['without a mapping', { context: {} }, 422, 'validation_failed'],
    ['without a context', { mapping: 'a' }, 422, 'validation_failed'],
    ['with a context that has another field', { mapping: 'a', context: { x: 1 } }, 422, 'validation_failed'],
    ['with 1 MB', { mapping: 'a', context: { output: 'x'.repeat(1_000_000) } }, 413, 'preview_too_large'],
  ])('%s is refused', async (_what, body, status, code) => {
    const answer = await test.as(user).post('/v1/mappings/preview').send(body);
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
  });

  it('is for one workspace at a time so many, and others go on', async () => {
    const others = await test.signedIn();
    const hostile = Array.from({ length: maxPreviewsAtOnce + 4 }, async () => (await preview(endless)).status);
    const good = test.as(others).post('/v1/mappings/preview').send({ mapping: '1 + 1', context: {} });
    expect((await good.expect(200)).body).toEqual({ value: 2, errors: [] });
    const statuses = await Promise.all(hostile);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await preview('1 + 1').expect(200)).body).toEqual({ value: 2, errors: [] });
  }, 20_000);

  it('is for signed-in users', async () => {
    await test.anonymous().post('/v1/mappings/preview').send({ mapping: 'a', context: {} }).expect(401);
  });
});
