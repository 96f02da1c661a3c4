import { newId, requestIdOf, type CredentialId, type RunId } from '@millrace/contracts';
import { maxSampleBytes } from '@millrace/persistence';
import { eventually, seedCredential } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  hookUrl,
  petstoreDescriptor,
  startComponent,
  tutorialDraft,
  useApi,
  webhookDescriptor,
  type TestUser,
} from '../../test/api.fixture.js';
import { hearInvalidations } from '../../test/invalidations.fixture.js';

const test = useApi();
let user: TestUser;
let flowId: string;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const components = [await startComponent(test, petstoreDescriptor), await startComponent(test, webhookDescriptor)];
  closing = components.map(({ close }) => close);
});
afterAll(async () => {
  for (const close of closing) await close();
});
beforeEach(async () => {
  user = await test.signedIn();
  flowId = await createFlow(tutorialDraft(await credentialOf('petstore'), await credentialOf('webhook')));
});

async function credentialOf(component: string): Promise<CredentialId> {
  const id = newId<CredentialId>();
  await seedCredential(test.database, { id, workspaceId: user.workspaceId, component, sealed: 'sealed' });
  return id;
}

async function createFlow(draft: object): Promise<string> {
  const created = await test.as(user).post('/v1/flows').send({ name: 'Pets', draft }).expect(201);
  return (created.body as { id: string }).id;
}

interface Where {
  flow?: string;
  step?: string;
  as?: TestUser;
}

const pathOf = ({ flow = flowId, step = 'step_1' }: Where) => `/v1/flows/${flow}/steps/${step}/sample`;
const take = (how: object, where: Where = {}) =>
  test
    .as(where.as ?? user)
    .post(pathOf(where))
    .send(how);
const read = (where: Where = {}) => test.as(where.as ?? user).get(pathOf(where));
const remove = (where: Where = {}) => test.as(where.as ?? user).delete(pathOf(where));

const pet = { petname: 'Gromit', petstatus: 'Sold' };
const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;

/** Takes the open capture of the flow, as webhooks-service does when a request comes; resolves the id of the request. */
async function arrive(): Promise<RunId> {
  const requestId = newId<RunId>();
  await test.database.dataSource.query(
    `with taken as (delete from sample_capture where flow_id = $1 and expires_at > now() returning *)
     insert into sample (flow_id, step_id, workspace_id, source, output, request_id)
     select flow_id, step_id, workspace_id, 'captured', $2::json, $3 from taken
     on conflict (flow_id, step_id) do update
     set source = 'captured', output = excluded.output, request_id = excluded.request_id, updated_at = now()`,
    [flowId, JSON.stringify(pet), requestId],
  );
  return requestId;
}

describe('a sample that is given', () => {
  it.each<[string, object, unknown]>([
    ['as JSON text', { format: 'json', text: '{\n "petname": "Gromit", "petstatus": "Sold"\n}' }, pet],
    ['as XML', { format: 'xml', text: '<pet><petname>Gromit</petname></pet>' }, { pet: { petname: 'Gromit' } }],
    [
      'as a list of properties',
      { format: 'properties', text: 'petname, owner.name' },
      { petname: 'petname', owner: { name: 'owner.name' } },
    ],
    ['as an object', { value: pet }, pet],
    ['as a list', { value: [1, 2] }, [1, 2]],
    ['as null', { value: null }, null],
  ])('%s is kept and read again', async (_how, content, output) => {
    const { body } = await take({ mode: 'manual', ...content }).expect(200);
    const sample = { stepId: 'step_1', source: 'manual', output, updatedAt: time, requestId: null, capture: null };
    expect(body).toEqual(sample);
    await read().expect(200, body as object);
  });

  it('replaces the one before, step by step', async () => {
    await take({ mode: 'manual', value: 1 }).expect(200);
    await take({ mode: 'manual', value: 2 }).expect(200);
    await take({ mode: 'manual', value: 3 }, { step: 'step_2' }).expect(200);
    await read().expect(({ body }) => expect(body).toMatchObject({ output: 2 }));
    await read({ step: 'step_2' }).expect(({ body }) => expect(body).toMatchObject({ output: 3 }));
  });

  it.each<[string, string, string, { line: number; column: number }]>([
    ['json', '{\n  "petname": }', 'Line 2, column 14: a value is expected here.', { line: 2, column: 14 }],
    ['json', '', 'Line 1, column 1: there is no text.', { line: 1, column: 1 }],
    [
      'properties',
      'petname,\n, status',
      'Line 2, column 1: the name of a property is expected here.',
      { line: 2, column: 1 },
    ],
    [
      'properties',
      'a.__proto__.b',
      'Line 1, column 3: “__proto__” cannot be the name of a field.',
      { line: 1, column: 3 },
    ],
  ])('as %s that is %j is refused at its place', async (format, text, detail, place) => {
    const { body } = await take({ mode: 'manual', format, text }).expect(422);
    expect(body).toMatchObject({ code: 'sample_invalid', detail, ...place, problems: [{ pointer: '/text' }] });
    await read().expect(404);
  });

  it.each<[string, string]>([
    ['xml', '<pet><petname>Gromit</pet>'],
    ['xml', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['xml', ''],
    ['json', '{"__proto__": {"admin": true}}'],
    ['json', '"\\u0000"'],
    ['json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('as %s that cannot be kept is refused', async (format, text) => {
    const { body } = await take({ mode: 'manual', format, text }).expect(422);
    expect(body).toMatchObject({ code: 'sample_invalid' });
  });

  it('may have so many bytes and no more', async () => {
    const fitting = 'x'.repeat(maxSampleBytes - 2);
    await take({ mode: 'manual', value: fitting }).expect(200);
    const { body } = await take({ mode: 'manual', value: `${fitting}x` }).expect(413);
    expect(body).toMatchObject({
      code: 'sample_too_large',
      detail: expect.stringMatching(/1000001 bytes .* 1000000 is the most/) as string,
    });
  });

  it.each<[object, string]>([
    [{}, '`mode` is missing'],
    [{ mode: 'guess' }, '`mode` must be one of: manual, capture, generate, retrieve'],
    [{ mode: 'manual' }, 'The document must have either `format` and `text`, or `value`'],
    [{ mode: 'manual', format: 'json' }, 'The document must have either `format` and `text`, or `value`'],
    [{ mode: 'manual', format: 'csv', text: '' }, '`format` must be one of: json, xml, properties'],
    [{ mode: 'capture', text: '' }, 'The document has a field that is not known: text'],
  ])('by %j is refused in plain words', async (how, detail) => {
    const { body } = await take(how).expect(422);
    expect(body).toMatchObject({ code: 'validation_failed', detail });
  });
});

describe('a sample that is generated', () => {
  it('has what the operation says of its output', async () => {
    const { body } = await take({ mode: 'generate' }, { step: 'step_2' }).expect(200);
    expect(body).toMatchObject({ source: 'generated', output: { id: 1, name: 'Gromit', status: 'available' } });
  });

  it('needs an operation', async () => {
    const flow = await createFlow({ steps: [{ id: 'step_1', component: 'webhook' }], edges: [] });
    const { body } = await take({ mode: 'generate' }, { flow }).expect(422);
    expect(body).toMatchObject({
      code: 'step_incomplete',
      problems: [{ pointer: '/steps/0/operation', code: 'operation_missing' }],
    });
  });
});

describe('capturing a sample', () => {
  it('waits ten minutes for a request to the webhook URL, and tells so until it came', async () => {
    const began = Date.now();
    const { body } = await take({ mode: 'capture' }).expect(200);
    expect(body).toEqual({ status: 'capturing', expiresAt: time, webhookUrl: `${hookUrl}/hook/${flowId}` });
    const { expiresAt } = body as { expiresAt: string };
    const minutes = (Date.parse(expiresAt) - began) / 60_000;
    expect(minutes).toBeGreaterThan(9.9);
    expect(minutes).toBeLessThan(10.1);
    const waiting = await read().expect(404);
    expect(waiting.body).toMatchObject({ code: 'sample_missing', capture: { expiresAt } });

    const requestId = await arrive();
    const captured = { source: 'captured', output: pet, requestId: requestIdOf(requestId), capture: null };
    await read().expect(({ body: sample }) => expect(sample).toMatchObject(captured));
    await arrive();
    await read().expect(({ body: sample }) => expect(sample).toMatchObject(captured));
  });

  it('keeps the sample that there is until a request came', async () => {
    await take({ mode: 'manual', value: 'before' }).expect(200);
    await take({ mode: 'capture' }).expect(200);
    await read().expect(({ body }) => expect(body).toMatchObject({ output: 'before', capture: { expiresAt: time } }));
    await arrive();
    await read().expect(({ body }) => expect(body).toMatchObject({ output: pet, source: 'captured' }));
  });

  it('tells every instance of it, after it is there', async () => {
    const heard = await hearInvalidations(test);
    const armedWhenHeard: number[] = [];
    heard.listener = async ({ flowIds }) => {
      if (!flowIds.includes(flowId)) return;
      const rows = await test.database.dataSource.query('select 1 from sample_capture where flow_id = $1', [flowId]);
      armedWhenHeard.push((rows as unknown[]).length);
    };
    await take({ mode: 'capture' }).expect(200);
    await eventually(() => expect(armedWhenHeard).toEqual([1]));
    await heard.close();
  });

  it.each<[string, object]>([
    ['another sample is given', { mode: 'manual', value: 1 }],
    ['one is generated', { mode: 'generate' }],
  ])('ends when %s', async (_what, how) => {
    await take({ mode: 'capture' }).expect(200);
    await take(how).expect(200);
    await arrive();
    await read().expect(({ body }) => expect(body).toMatchObject({ requestId: null, capture: null }));
  });

  it('ends with its time', async () => {
    await take({ mode: 'capture' }).expect(200);
    await test.database.dataSource.query(`update sample_capture set expires_at = now() where flow_id = $1`, [flowId]);
    const { body } = await read().expect(404);
    expect(body).toMatchObject({ code: 'sample_missing', capture: null });
    await take({ mode: 'capture' }).expect(200);
    await arrive();
    await read().expect(200);
  });

  it('ends with its flow', async () => {
    await take({ mode: 'capture' }).expect(200);
    await test.as(user).delete(`/v1/flows/${flowId}`).expect(204);
    const rows = await test.database.dataSource.query('select 1 from sample_capture where flow_id = $1', [flowId]);
    expect(rows).toEqual([]);
    await take({ mode: 'capture' }).expect(404);
    await read().expect(404);
  });

  it('is refused for a step that gets no requests', async () => {
    const { body } = await take({ mode: 'capture' }, { step: 'step_2' }).expect(422);
    expect(body).toMatchObject({ code: 'sample_not_capturable' });
    const steps = [
      {
        id: 'step_1',
        component: 'petstore',
        operation: 'getPetsByStatus',
        credentialId: await credentialOf('petstore'),
      },
    ];
    const flow = await createFlow({ steps, edges: [] });
    await take({ mode: 'capture' }, { flow }).expect(422, /sample_not_capturable/);
    const action = [{ id: 'step_1', component: 'petstore', operation: 'createPet' }];
    await take({ mode: 'capture' }, { flow: await createFlow({ steps: action, edges: [] }) }).expect(422);
  });

  it.each<[string, object, string, string]>([
    ['a component', {}, '/steps/0/component', 'component_missing'],
    ['an operation', { component: 'webhook', credentialId: 'present' }, '/steps/0/operation', 'operation_missing'],
    ['a credential', { component: 'webhook', operation: 'receive' }, '/steps/0/credentialId', 'credential_missing'],
  ])('needs %s to be chosen, and says so', async (_what, step, pointer, code) => {
    const credential = 'credentialId' in step ? { credentialId: await credentialOf('webhook') } : {};
    const flow = await createFlow({ steps: [{ id: 'step_1', ...step, ...credential }], edges: [] });
    const { body } = await take({ mode: 'capture' }, { flow }).expect(422);
    expect(body).toMatchObject({ code: 'step_incomplete', problems: [{ pointer, code }] });
    expect((body as { problems: unknown[] }).problems).toHaveLength(1);
  });
});

describe('the samples of a flow', () => {
  const list = async (as = user) => {
    const answer = await test.as(as).get(`/v1/flows/${flowId}/samples`).expect(200);
    return answer.body as { items: { stepId: string; elided: string[] }[] };
  };

  it('are listed by step', async () => {
    expect(await list()).toEqual({ items: [], nextCursor: null });
    await take({ mode: 'generate' }, { step: 'step_2' }).expect(200);
    await take({ mode: 'manual', value: pet }).expect(200);
    const common = { updatedAt: time, requestId: null, elided: [] };
    expect(await list()).toEqual({
      items: [
        { ...common, stepId: 'step_1', source: 'manual', output: pet },
        { ...common, stepId: 'step_2', source: 'generated', output: { id: 1, name: 'Gromit', status: 'available' } },
      ],
      nextCursor: null,
    });
  });

  it('are left out where they would be more than a page can hold', async () => {
    const ids = Array.from({ length: 10 }, (_none, at) => `step_${at + 1}`);
    flowId = await createFlow({ steps: ids.map((id) => ({ id })), edges: [] });
    const value = 'x'.repeat(900_000);
    for (const step of ids.slice(0, 6)) await take({ mode: 'manual', value }, { step }).expect(200);
    const { items } = await list();
    expect(items.map(({ stepId, elided }) => [stepId, elided.length])).toEqual([
      ['step_1', 0],
      ['step_2', 0],
      ['step_3', 0],
      ['step_4', 0],
      ['step_5', 1],
      ['step_6', 1],
    ]);
    expect(items[5]).toMatchObject({ output: null, elided: ['output'] });
  });
});

describe('deleting a sample', () => {
  it('removes it and ends its capture', async () => {
    await take({ mode: 'manual', value: 1 }).expect(200);
    await take({ mode: 'capture' }).expect(200);
    await remove().expect(204);
    await arrive();
    await read().expect(404, /sample_missing/);
    await remove().expect(404, /sample_missing/);
  });

  it('is a way to end a capture alone', async () => {
    await take({ mode: 'capture' }).expect(200);
    await remove().expect(204);
    const { body } = await read().expect(404);
    expect(body).toMatchObject({ capture: null });
  });
});

describe('a sample of another workspace', () => {
  it('is neither found nor changed', async () => {
    await take({ mode: 'manual', value: pet }).expect(200);
    const stranger = await test.signedIn({ role: 'administrator' });
    await read({ as: stranger }).expect(404, /not_found/);
    await remove({ as: stranger }).expect(404, /not_found/);
    for (const mode of [
      { mode: 'manual', value: 1 },
      { mode: 'capture' },
      { mode: 'generate' },
      { mode: 'retrieve' },
    ]) {
      await take(mode, { as: stranger }).expect(404, /not_found/);
    }
    await test.as(stranger).get(`/v1/flows/${flowId}/samples`).expect(404);
    await read().expect(({ body }) => expect(body).toMatchObject({ output: pet, capture: null }));
  });

  it('is like that of a step that does not exist', async () => {
    await take({ mode: 'manual', value: 1 }, { step: 'step_9' }).expect(404, /not_found/);
    await take({ mode: 'manual', value: 1 }, { step: '__proto__' }).expect(404, /not_found/);
    await read({ step: 'step_9' }).expect(404, /sample_missing/);
  });
});
