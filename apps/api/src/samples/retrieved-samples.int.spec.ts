import {
  newId,
  type ComponentDescriptor,
  type CredentialId,
  type RpcReply,
  type RpcRequest,
} from '@millrace/contracts';
import { maxSampleBytes } from '@millrace/persistence';
import { seedCredential } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  startComponent,
  useApi,
  webhookDescriptor,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;

const receive = webhookDescriptor.operations.find(({ name }) => name === 'receive')!;
const { triggerType: _triggerType, ...action } = { ...receive, kind: 'action' as const, config: {}, input: {} };
const webhook: ComponentDescriptor = {
  ...webhookDescriptor,
  operations: [
    ...webhookDescriptor.operations,
    { ...receive, name: 'poll', title: 'Poll', triggerType: 'polling', needsCredential: true, retrievesSample: true },
    { ...action, name: 'look', title: 'Look', retrievesSample: true, dynamicSchemas: { output: { dependsOn: [] } } },
    { ...action, name: 'send', title: 'Send' },
  ],
};
let webhookComponent: TestComponent;
let webhookAnswer: (request: RpcRequest) => RpcReply | undefined;

beforeAll(async () => {
  webhookComponent = await startComponent(test, webhook, (request) => webhookAnswer(request));
});
afterAll(() => webhookComponent.close());
beforeEach(async () => {
  user = await test.signedIn();
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

const pathOf = ({ flow, step = 'step_1' }: Where) => `/v1/flows/${flow}/steps/${step}/sample`;
const take = (how: object, where: Where) => test.as(user).post(pathOf(where)).send(how);
const read = (where: Where) => test.as(user).get(pathOf(where));

interface Where {
  flow: string;
  step?: string;
}

const pet = { petname: 'Gromit', petstatus: 'Sold' };

describe('a sample that is retrieved', () => {
  const single = (operation: string, more: object = {}) =>
    createFlow({ steps: [{ id: 'step_1', component: 'webhook', operation, ...more }], edges: [] });

  it('is asked of the component, with credential, configuration and what is mapped of the samples before', async () => {
    webhookAnswer = () => ({ ok: true, value: { found: true, output: pet } });
    const credentialId = await credentialOf('webhook');
    const flow = await createFlow({
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive', credentialId },
        {
          id: 'step_2',
          component: 'webhook',
          operation: 'look',
          credentialId,
          config: { deep: true },
          mapping: { name: '$uppercase(petname)', kind: '$steps.step_1.petstatus' },
        },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    });
    await take({ mode: 'manual', value: pet }, { flow }).expect(200);
    const { body } = await take({ mode: 'retrieve' }, { flow, step: 'step_2' }).expect(200);
    expect(body).toMatchObject({ source: 'retrieved', output: pet });
    await read({ flow, step: 'step_2' }).expect(200, body as object);
    expect(webhookComponent.asked.at(-1)).toEqual({
      call: 'retrieveSample',
      workspaceId: user.workspaceId,
      operation: 'look',
      credential: { id: credentialId, sealed: 'sealed' },
      config: { deep: true },
      input: { name: 'GROMIT', kind: 'Sold' },
      run: false,
      timeoutMs: 27_000,
    });
  });

  it('needs no samples before, but for an action that is run', async () => {
    webhookAnswer = () => ({ ok: true, value: { found: true, output: 1 } });
    const credentialId = await credentialOf('webhook');
    const broken = { credentialId, mapping: { name: '$number("x")' } };
    await take({ mode: 'retrieve' }, { flow: await single('look', broken) }).expect(200);
    expect(webhookComponent.asked.at(-1)).toMatchObject({ input: {}, run: false });
    const { body } = await take({ mode: 'retrieve', run: true }, { flow: await single('look', broken) }).expect(422);
    expect(body).toMatchObject({ code: 'mapping_failed', problems: [{ pointer: '/name' }] });
  });

  it('runs an action only when just that is asked for', async () => {
    webhookAnswer = () => ({ ok: true, value: { found: true, output: 1 } });
    const flow = await single('send', { credentialId: await credentialOf('webhook'), mapping: { name: '"x"' } });
    const { body } = await take({ mode: 'retrieve' }, { flow }).expect(409);
    expect(body).toMatchObject({
      code: 'sample_needs_run',
      detail: expect.stringContaining('“Send” gives a sample only by being run') as string,
    });
    const before = webhookComponent.asked.length;
    await take({ mode: 'retrieve', run: true }, { flow }).expect(200);
    expect(webhookComponent.asked.slice(before)).toMatchObject([
      { operation: 'send', run: true, input: { name: 'x' } },
    ]);
  });

  it('is refused for what is set off by calls or waits for them', async () => {
    for (const [operation, step] of [
      ['receive', 'step_1'],
      ['wait', 'step_1'],
    ] as const) {
      const flow = await single(operation, { credentialId: await credentialOf('webhook') });
      const { body } = await take({ mode: 'retrieve', run: true }, { flow, step }).expect(422);
      expect(body).toMatchObject({ code: 'sample_not_retrievable' });
    }
  });

  it('needs a credential of the workspace, where the operation needs one', async () => {
    const { body } = await take({ mode: 'retrieve' }, { flow: await single('poll') }).expect(422);
    expect(body).toMatchObject({ code: 'step_incomplete', problems: [{ code: 'credential_missing' }] });
  });

  it.each<[string, RpcReply | undefined, number, object]>([
    ['nothing there', { ok: true, value: { found: false } }, 422, { code: 'sample_not_found' }],
    [
      "the component's own reason",
      { ok: false, error: { code: 'credential_refused', message: 'The key is not known', detail: null } },
      422,
      {
        code: 'sample_not_retrieved',
        detail: 'The key is not known',
        reason: { code: 'credential_refused', message: 'The key is not known', detail: null },
      },
    ],
    [
      'that its system did not answer',
      {
        ok: false,
        error: { code: 'timeout', message: 'Webhook could not retrieve a sample within 1 ms', detail: null },
      },
      504,
      {
        code: 'component_timeout',
        detail: expect.stringContaining('could not retrieve a sample within 1 ms') as string,
      },
    ],
    ['an answer that is none', { ok: true, value: 'x' }, 503, { code: 'component_unavailable' }],
    [
      'one that is too large',
      { ok: true, value: { found: true, output: 'x'.repeat(maxSampleBytes) } },
      413,
      { code: 'sample_too_large' },
    ],
  ])('tells %s, and keeps the sample that there was', async (_what, answer, status, problem) => {
    webhookAnswer = () => answer;
    const flow = await single('poll', { credentialId: await credentialOf('webhook') });
    await take({ mode: 'manual', value: 'before' }, { flow }).expect(200);
    const { body } = await take({ mode: 'retrieve' }, { flow }).expect(status);
    expect(body).toMatchObject(problem);
    await read({ flow }).expect(({ body: kept }) => expect(kept).toMatchObject({ output: 'before' }));
  });

  it('cannot be retrieved while the component is away, which is told within some seconds', async () => {
    const away = await startComponent(test, { ...webhook, name: 'away', title: 'Away' });
    await away.close();
    const flow = await createFlow({
      steps: [{ id: 'step_1', component: 'away', operation: 'poll', credentialId: await credentialOf('away') }],
      edges: [],
    });
    const began = Date.now();
    const answer = await take({ mode: 'retrieve' }, { flow }).expect(503);
    expect(answer.body).toMatchObject({
      code: 'component_unavailable',
      detail: 'The component “away” is away at the moment. Check that it runs and try again.',
    });
    expect(answer.headers['retry-after']).toBe('10');
    expect(Date.now() - began).toBeLessThan(8_000);
  });
});

describe('a sample that is generated', () => {
  it('asks the component for the fields that depend on credential and configuration', async () => {
    webhookAnswer = () => ({
      ok: true,
      value: { schema: { type: 'object', properties: { colour: { enum: ['red', 'blue'] } } } },
    });
    const flow = await createFlow({ steps: [{ id: 'step_1', component: 'webhook', operation: 'look' }], edges: [] });
    const { body } = await take({ mode: 'generate' }, { flow }).expect(200);
    expect(body).toMatchObject({ source: 'generated', output: { colour: 'red' } });
    webhookAnswer = () => ({
      ok: false,
      error: { code: 'field_needed', message: 'Fill in “Board” first', detail: null },
    });
    const refused = await take({ mode: 'generate' }, { flow }).expect(422);
    expect(refused.body).toMatchObject({ code: 'schema_not_loaded', detail: 'Fill in “Board” first' });
  });
});
