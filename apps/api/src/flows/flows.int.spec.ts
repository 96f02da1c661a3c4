import { eventually } from '@millrace/testing';
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
let credentialId: string;
let webhookCredentialId: string;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const petstore = await startComponent(test, petstoreDescriptor);
  const webhook = await startComponent(test, webhookDescriptor);
  closing = [petstore.close, webhook.close];
});
afterAll(async () => {
  for (const close of closing) await close();
});
beforeEach(async () => {
  user = await test.signedIn();
  credentialId = await createCredential({ component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } });
  webhookCredentialId = await createCredential({ component: 'webhook', name: 'Open', fields: { type: 'none' } });
});

async function createCredential(body: object): Promise<string> {
  const created = await test.as(user).post('/v1/credentials').send(body).expect(201);
  return (created.body as { id: string }).id;
}

const tutorial = () => tutorialDraft(credentialId, webhookCredentialId);

interface FlowBody {
  id: string;
  status: string;
  draftRevision: number;
  publishedVersion: number | null;
}

async function createFlow(draft: object = tutorial()): Promise<string> {
  const created = await test.as(user).post('/v1/flows').send({ name: 'Webhook to Petstore', draft }).expect(201);
  return (created.body as FlowBody).id;
}

const post = (path: string) => test.as(user).post(path);
const get = (path: string) => test.as(user).get(path);

describe('a flow', () => {
  it('is created with an empty draft and a webhook URL, and read again', async () => {
    const created = await post('/v1/flows').send({ name: '  Pets  ' }).expect(201);
    const { id } = created.body as FlowBody;
    expect(created.body).toEqual({
      id,
      name: 'Pets',
      status: 'draft',
      draft: { steps: [], edges: [] },
      draftRevision: 1,
      publishedVersion: null,
      queuedRuns: 0,
      webhookUrl: `${hookUrl}/hook/${id}`,
      createdAt: expect.any(String) as string,
      updatedAt: expect.any(String) as string,
    });
    expect(created.headers['location']).toBe(`/v1/flows/${id}`);
    const read = await get(`/v1/flows/${id.replaceAll('-', '')}`).expect(200);
    expect(read.body).toEqual(created.body);
  });

  it('is listed newest first, page by page and by status', async () => {
    const ids = [await createFlow(), await createFlow(), await createFlow()];
    const first = (await get('/v1/flows?limit=2').expect(200)).body as { items: FlowBody[]; nextCursor: string };
    expect(first.items.map((flow) => flow.id)).toEqual([ids[2], ids[1]]);
    const second = (await get(`/v1/flows?limit=2&cursor=${first.nextCursor}`).expect(200)).body as typeof first;
    expect(second).toMatchObject({ items: [{ id: ids[0] }], nextCursor: null });
    const running = (await get('/v1/flows?status=running').expect(200)).body as typeof first;
    expect(running.items).toEqual([]);
  });

  it.each(['limit=0', 'limit=101', 'limit=many', 'status=busy', 'cursor=x'])(
    'is not listed for ?%s, which is answered 400',
    async (query) => {
      const { body } = await get(`/v1/flows?${query}`).expect(400);
      expect(body).toMatchObject({ code: 'invalid_request' });
    },
  );

  it('is renamed', async () => {
    const id = await createFlow();
    const { body } = await test.as(user).patch(`/v1/flows/${id}`).send({ name: 'New' }).expect(200);
    expect(body).toMatchObject({ name: 'New' });
    await test.as(user).patch(`/v1/flows/${id}`).send({ name: '' }).expect(422);
    await test.as(user).patch(`/v1/flows/${id}`).send({ name: 'x', status: 'running' }).expect(422);
  });

  it('is deleted unless it runs, and then its versions stay for the runs that began on them', async () => {
    const id = await createFlow();
    await post(`/v1/flows/${id}/publish`).expect(201);
    await post(`/v1/flows/${id}/start`).expect(200);
    const { body } = await test.as(user).delete(`/v1/flows/${id}`).expect(409);
    expect(body).toMatchObject({ code: 'flow_active', detail: expect.stringContaining('/stop') as string });
    await post(`/v1/flows/${id}/stop`).expect(200);
    await test.as(user).delete(`/v1/flows/${id}`).expect(204);
    await get(`/v1/flows/${id}`).expect(404);
    await post(`/v1/flows/${id}/start`).expect(404);
    await test.as(user).put(`/v1/flows/${id}/draft`).send({ steps: [], edges: [] }).expect(404);
    await test.as(user).delete(`/v1/flows/${id}`).expect(404);
    const kept = await test.database.dataSource.query('select 1 from flow_version where flow_id = $1', [id]);
    expect(kept).toHaveLength(1);
  });
});

describe('the draft of a flow', () => {
  const save = (id: string, draft: object) => test.as(user).put(`/v1/flows/${id}/draft`).send(draft);

  it('is saved with its problems even if it is incomplete', async () => {
    const id = await createFlow();
    const draft = {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive' },
        { id: 'step_2', component: 'petstore', operation: 'createPet', mapping: { name: 'petname' } },
        { id: 'step_3', component: 'nowhere' },
      ],
      edges: [
        { from: 'step_1', to: 'step_2' },
        { from: 'step_2', to: 'step_3' },
      ],
    };
    const saved = await save(id, draft).expect(200);
    expect(saved.body).toMatchObject({ draft, draftRevision: 2 });
    expect(problemsOf(saved.body)).toEqual([
      ['/steps/0/credentialId', 'credential_missing'],
      ['/steps/1/credentialId', 'credential_missing'],
      ['/steps/1/mapping/status', 'field_missing'],
      ['/steps/2/component', 'unknown_component'],
    ]);
    const read = await get(`/v1/flows/${id}/draft`).expect(200);
    expect(read.body).toEqual(saved.body);
    expect(read.headers['etag']).toBe('"2"');
  });

  it.each([
    ['no trigger', { steps: [], edges: [] }, 'no_trigger'],
    [
      'an action in place of the trigger',
      { steps: [{ id: 'step_1', component: 'petstore', operation: 'createPet' }], edges: [] },
      'no_trigger',
    ],
    [
      'a cycle',
      {
        steps: [
          { id: 'step_1', component: 'webhook', operation: 'receive' },
          { id: 'step_2', component: 'petstore', operation: 'createPet' },
          { id: 'step_3', component: 'petstore', operation: 'createPet' },
        ],
        edges: [
          { from: 'step_2', to: 'step_3' },
          { from: 'step_3', to: 'step_2' },
        ],
      },
      'cycle',
    ],
  ])('with %s has that problem, and publishing it is refused with 422', async (_what, draft, code) => {
    const id = await createFlow(draft);
    const { body } = await post(`/v1/flows/${id}/publish`).expect(422);
    expect(body).toMatchObject({ code: 'draft_invalid' });
    expect(problemsOf(body).map(([, found]) => found)).toContain(code);
    await get(`/v1/flows/${id}`).expect(({ body: flow }) => expect(flow).toMatchObject({ publishedVersion: null }));
  });

  it('does not accept the credential of another workspace', async () => {
    const stranger = await test.signedIn();
    const created = await test.as(stranger).post('/v1/flows').send({ name: 'Theirs', draft: tutorial() });
    const { id } = created.body as FlowBody;
    const { body } = await test.as(stranger).post(`/v1/flows/${id}/publish`).expect(422);
    expect(problemsOf(body)).toEqual([
      ['/steps/0/credentialId', 'unknown_credential'],
      ['/steps/1/credentialId', 'unknown_credential'],
    ]);
  });

  it('takes credential ids without dashes', async () => {
    const id = await createFlow();
    const saved = await save(
      id,
      tutorialDraft(credentialId.replaceAll('-', '').toUpperCase(), webhookCredentialId),
    ).expect(200);
    expect(saved.body).toMatchObject({ draft: tutorial(), problems: [] });
  });

  it.each([
    ['steps that are no list', { steps: {}, edges: [] }],
    ['no edges', { steps: [] }],
    ['an odd step id', { steps: [{ id: '__proto' }], edges: [] }],
    ['a field that no step has', { steps: [{ id: 'step_1', extra: 1 }], edges: [] }],
  ])('is refused with 422 for %s', async (_what, draft) => {
    const id = await createFlow();
    const { body } = await save(id, draft).expect(422);
    expect(body).toMatchObject({ code: 'validation_failed' });
    expect((body as { problems: unknown[] }).problems).not.toEqual([]);
  });

  it('says who saved it last, to everyone of the workspace', async () => {
    const id = await createFlow();
    const read = async (): Promise<object> => (await get(`/v1/flows/${id}/draft`).expect(200)).body as object;
    expect(await read()).toMatchObject({ savedBy: null, savedAt: null });
    const { body } = await save(id, tutorial()).expect(200);
    expect(body).toMatchObject({ savedBy: { email: user.email }, savedAt: expect.any(String) as string });
    expect(await read()).toEqual(body);
  });

  it('does not overwrite what someone else has saved meanwhile', async () => {
    const id = await createFlow();
    await save(id, tutorial()).set('if-match', '"1"').expect(200);
    const { body } = await save(id, { steps: [], edges: [] }).set('if-match', '"1"').expect(412);
    expect(body).toMatchObject({ code: 'draft_changed', draftRevision: 2 });
    await post(`/v1/flows/${id}/publish`).set('if-match', '"1"').expect(412);
    await save(id, { steps: [], edges: [] }).set('if-match', '"2"').expect(200);
    await save(id, { steps: [], edges: [] }).set('if-match', 'latest').expect(400);
    const all = Array.from({ length: 8 }, () => save(id, tutorial()).set('if-match', '"3"'));
    const statuses = (await Promise.all(all)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(7);
  });
});

describe('publishing', () => {
  it('makes numbered versions that later drafts do not change', async () => {
    const id = await createFlow();
    const first = await post(`/v1/flows/${id}/publish`).expect(201);
    expect(first.body).toMatchObject({
      flowId: id,
      number: 1,
      createdBy: user.userId,
      definition: tutorial(),
    });
    expect(first.headers['location']).toBe(`/v1/flows/${id}/versions/1`);
    await get(`/v1/flows/${id}`).expect(({ body }) =>
      expect(body).toMatchObject({ status: 'stopped', publishedVersion: 1 }),
    );
    await test.as(user).put(`/v1/flows/${id}/draft`).send({ steps: [], edges: [] }).expect(200);
    await get(`/v1/flows/${id}/versions/1`).expect(({ body }) => expect(body).toEqual(first.body));
    const changed = { ...tutorial(), edges: [{ from: 'step_1', to: 'step_2', condition: null }] };
    await test.as(user).put(`/v1/flows/${id}/draft`).send(changed).expect(200);
    await post(`/v1/flows/${id}/publish`).expect(201);
    const list = await get(`/v1/flows/${id}/versions?limit=1`).expect(200);
    expect(list.body).toMatchObject({ items: [{ number: 2 }], nextCursor: '2' });
    expect(JSON.stringify(list.body)).not.toContain('definition');
    const rest = await get(`/v1/flows/${id}/versions?limit=1&cursor=2`).expect(200);
    expect(rest.body).toMatchObject({ items: [{ number: 1 }], nextCursor: null });
    for (const number of ['3', '0', 'x', '99999999999']) await get(`/v1/flows/${id}/versions/${number}`).expect(404);
  });

  it('gives versions that are made at the same time numbers of their own', async () => {
    const id = await createFlow();
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_none, at) => {
        const draft = tutorial();
        const steps = draft.steps.map((step) => ({ ...step, note: `edit ${at}` }));
        await test
          .as(user)
          .put(`/v1/flows/${id}/draft`)
          .send({ ...draft, steps })
          .expect(200);
        return post(`/v1/flows/${id}/publish`);
      }),
    );
    // Who finds the draft of someone else published already gets that version.
    const made = answers.filter((answer) => answer.status === 201).map((answer) => numberOf(answer.body));
    expect(made.sort((a, b) => a - b)).toEqual(made.map((_number, at) => at + 1));
    expect(answers.every((answer) => [200, 201].includes(answer.status))).toBe(true);
    await get(`/v1/flows/${id}`).expect(({ body }) => expect(body).toMatchObject({ publishedVersion: made.length }));
  });

  it('answers the present version when the draft is the same, however often and at the same time', async () => {
    const id = await createFlow();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(`/v1/flows/${id}/publish`)));
    expect(answers.map((answer) => answer.status).sort((a, b) => a - b)).toEqual([200, 200, 200, 200, 201]);
    for (const { body, headers } of answers) {
      expect(body).toEqual(answers[0]?.body);
      expect(headers['location']).toBe(`/v1/flows/${id}/versions/1`);
    }
    const draft = tutorial();
    await test.as(user).put(`/v1/flows/${id}/draft`).send({ steps: [], edges: [] }).expect(200);
    await test.as(user).put(`/v1/flows/${id}/draft`).send(draft).expect(200);
    expect(numberOf((await post(`/v1/flows/${id}/publish`).expect(200)).body)).toBe(1);
    await test.as(user).delete(`/v1/credentials/${credentialId}`).expect(204);
    await post(`/v1/flows/${id}/publish`).expect(422);
  });
});

const numberOf = (body: unknown) => (body as { number: number }).number;

describe('starting and stopping', () => {
  it('needs a published version and says how to get one', async () => {
    const id = await createFlow();
    const { body } = await post(`/v1/flows/${id}/start`).expect(409);
    expect(body).toMatchObject({ code: 'flow_not_published', detail: expect.stringContaining('/publish') as string });
  });

  it('changes the status and may be repeated', async () => {
    const id = await createFlow();
    await post(`/v1/flows/${id}/stop`).expect(({ body }) => expect(body).toMatchObject({ status: 'draft' }));
    await post(`/v1/flows/${id}/publish`).expect(201);
    for (const [verb, status] of [
      ['start', 'running'],
      ['start', 'running'],
      ['stop', 'stopped'],
      ['stop', 'stopped'],
    ]) {
      const { body } = await post(`/v1/flows/${id}/${verb}`).expect(200);
      expect(body).toMatchObject({ id, status, webhookUrl: `${hookUrl}/hook/${id}` });
    }
  });

  it('tells every instance to forget what it knew, after the change is there', async () => {
    const heard = await hearInvalidations(test);
    const id = await createFlow();
    const statusWhenHeard: string[] = [];
    heard.listener = async ({ flowIds }) => {
      if (!flowIds.includes(id)) return;
      const [row] = await test.database.dataSource.query<{ status: string }[]>(
        'select status from flow where id = $1',
        [id],
      );
      statusWhenHeard.push(row?.status ?? '');
    };
    await post(`/v1/flows/${id}/publish`).expect(201);
    await eventually(() => expect(statusWhenHeard).toEqual(['stopped']));
    await post(`/v1/flows/${id}/start`).expect(200);
    await eventually(() => expect(statusWhenHeard).toEqual(['stopped', 'running']));
    await post(`/v1/flows/${id}/stop`).expect(200);
    await eventually(() => expect(statusWhenHeard).toEqual(['stopped', 'running', 'stopped']));
    await test.as(user).delete(`/v1/credentials/${credentialId}`).expect(204);
    await eventually(() => expect(heard.credentialIds).toContain(credentialId));
    await heard.close();
  });
});

function problemsOf(body: unknown): [string, string][] {
  return (body as { problems: { pointer: string; code: string }[] }).problems.map(({ pointer, code }) => [
    pointer,
    code,
  ]);
}
