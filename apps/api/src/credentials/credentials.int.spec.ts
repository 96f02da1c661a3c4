import { openCredential, deriveComponentKey } from '@millrace/credentials';
import type { CredentialId, RpcReply, RpcRequest } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  petstoreDescriptor,
  startComponent,
  tutorialDraft,
  useApi,
  webhookDescriptor,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi({ VERIFY_TIMEOUT_MS: '2000' });
const apiKey = 'k-4711/secret';
let petstore: TestComponent;
let webhook: TestComponent;
let user: TestUser;
let answer: ((request: RpcRequest) => RpcReply | undefined | Promise<RpcReply>) | undefined;

const refused: RpcReply = {
  ok: false,
  error: { code: 'wrong_api_key', message: 'The Petstore API refused the API key.', detail: null },
};

beforeAll(async () => {
  petstore = await startComponent(test, petstoreDescriptor, (request) =>
    answer ? answer(request) : { ok: true, value: null },
  );
  webhook = await startComponent(test, webhookDescriptor);
});
afterAll(() => Promise.all([petstore.close(), webhook.close()]));
beforeEach(async () => {
  answer = undefined;
  user = await test.signedIn();
});

const petstoreCredential = { component: 'petstore', name: 'Pets', fields: { apiKey } };

async function createdId(body: object = petstoreCredential): Promise<string> {
  const created = await test.as(user).post('/v1/credentials').send(body).expect(201);
  return (created.body as { id: string }).id;
}

const openWebhookId = () => createdId({ component: 'webhook', name: 'Open', fields: { type: 'none' } });

async function storedCount(): Promise<number> {
  const rows = await test.database.dataSource.query('select 1 from credential where workspace_id = $1', [
    user.workspaceId,
  ]);
  return (rows as unknown[]).length;
}

describe('creating a credential', () => {
  it('verifies it with its component, seals it with the key of the component and answers no secret', async () => {
    const created = await test.as(user).post('/v1/credentials').send(petstoreCredential).expect(201);
    expect(created.body).toEqual({
      id: expect.any(String) as string,
      component: 'petstore',
      name: 'Pets',
      type: null,
      preset: null,
      status: 'verified',
      failure: null,
      verifiedAt: expect.any(String) as string,
      createdAt: expect.any(String) as string,
      updatedAt: expect.any(String) as string,
      usedBy: [],
    });
    const { id } = created.body as { id: CredentialId };
    expect(created.headers['location']).toBe(`/v1/credentials/${id}`);

    const question = petstore.asked.at(-1);
    expect(question).toMatchObject({ call: 'verifyCredential', workspaceId: user.workspaceId, credential: { id } });
    expect(question?.timeoutMs).toBeLessThanOrEqual(30_000);
    const [row] = await test.database.dataSource.query<{ sealed: string }[]>(
      'select sealed from credential where id = $1',
      [id],
    );
    for (const sealed of [row?.sealed ?? '', question?.credential?.sealed ?? '']) {
      expect(sealed).not.toContain(apiKey);
      const keys = deriveComponentKey(test.masterKey, 'petstore');
      const address = { workspaceId: user.workspaceId, credentialId: id, component: 'petstore' };
      expect(openCredential({ ...address, keys, sealed })).toEqual({ apiKey });
    }
  });

  it('answers 422 with the reason of the component and stores nothing when it refuses', async () => {
    answer = () => refused;
    const { body } = await test.as(user).post('/v1/credentials').send(petstoreCredential).expect(422);
    expect(body).toMatchObject({
      code: 'credential_refused',
      detail: 'The Petstore API refused the API key.',
      reason: { code: 'wrong_api_key', message: 'The Petstore API refused the API key.' },
    });
    expect(JSON.stringify(body)).not.toContain(apiKey);
    expect(await storedCount()).toBe(0);
  });

  it.each([apiKey, encodeURIComponent(apiKey), btoa(apiKey)])(
    'masks the secret when the component repeats it in its reason as %s',
    async (repeated) => {
      answer = () => ({ ok: false, error: { code: 'refused', message: `${repeated} is bad`, detail: { apiKey } } });
      const { body } = await test.as(user).post('/v1/credentials').send(petstoreCredential).expect(422);
      expect((body as { detail: string }).detail).toMatch(/^\*\*\*=* is bad$/);
      expect(JSON.stringify(body)).not.toContain(repeated);
    },
  );

  it('answers a refusal that speaks of a connection as a refusal, not as a fault of the database', async () => {
    const message = 'Connection terminated: Connect Timeout Error at petstore.example';
    answer = () => ({ ok: false, error: { code: 'refused', message, detail: null } });
    const { body } = await test.as(user).post('/v1/credentials').send(petstoreCredential).expect(422);
    expect(body).toMatchObject({ code: 'credential_refused', detail: message });
  });

  it('stores what a component cannot verify as unverified, without asking it', async () => {
    const credentials = { ...webhookDescriptor.credentials!, verifies: false };
    const trusting = await startComponent(test, { ...webhookDescriptor, name: 'trusting', credentials });
    const fields = { type: 'basic', username: 'u', password: 'p' };
    const created = test.as(user).post('/v1/credentials').send({ component: 'trusting', name: 'Basic', fields });
    const { body } = await created.expect(201);
    expect(body).toMatchObject({ component: 'trusting', status: 'unverified', verifiedAt: null });
    expect(trusting.asked).toEqual([]);
    await trusting.close();
  });

  it.each([
    ['an unknown component', { component: 'nowhere', name: 'n', fields: {} }, 'unknown_component', undefined],
    ['a missing field', { component: 'petstore', name: 'n', fields: {} }, 'validation_failed', '/fields/apiKey'],
    [
      'a field too many',
      { component: 'webhook', name: 'n', fields: { type: 'none', extra: apiKey } },
      'validation_failed',
      '/fields/extra',
    ],
    [
      'a missing field of an alternative',
      { component: 'webhook', name: 'n', fields: { type: 'basic', username: 'u' } },
      'validation_failed',
      '/fields/password',
    ],
    ['an empty name', { component: 'petstore', name: ' ', fields: { apiKey } }, 'validation_failed', '/name'],
    ['a name of two lines', { component: 'petstore', name: 'a\nb', fields: { apiKey } }, 'validation_failed', '/name'],
    ['fields that are no object', { component: 'petstore', name: 'n', fields: [] }, 'validation_failed', '/fields'],
  ])('refuses %s with 422 and asks nobody', async (_what, body, code, pointer) => {
    const asked = petstore.asked.length;
    const refusal = await test.as(user).post('/v1/credentials').send(body).expect(422);
    expect(refusal.body).toMatchObject({ code, ...(pointer && { problems: [{ pointer }] }) });
    expect(JSON.stringify(refusal.body)).not.toContain(apiKey);
    expect(petstore.asked).toHaveLength(asked);
    expect(await storedCount()).toBe(0);
  });

  it('answers 503 at once when the component has no queue to be asked on', async () => {
    await test.database.dataSource.query(
      `insert into component (name, version, descriptor) select 'gone', version, descriptor from component where name = 'petstore'`,
    );
    const began = Date.now();
    const { body } = await test
      .as(user)
      .post('/v1/credentials')
      .send({ ...petstoreCredential, component: 'gone' })
      .expect(503);
    expect(body).toMatchObject({ code: 'component_unavailable', detail: expect.stringContaining('“gone”') as string });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await storedCount()).toBe(0);
  });

  it('answers 504 with the words of the component when the real system kept it waiting', async () => {
    const message = 'Petstore API could not check the credential within 27000 ms';
    answer = () => ({ ok: false, error: { code: 'timeout', message, detail: null } });
    const { body } = await test.as(user).post('/v1/credentials').send(petstoreCredential).expect(504);
    expect(body).toMatchObject({
      code: 'verification_timeout',
      detail: `${message}. Nothing was changed: try again once its system answers.`,
    });
    expect(await storedCount()).toBe(0);
  });

  it('does not call a stored credential failing because it could not be checked in time', async () => {
    const id = await createdId();
    answer = () => ({ ok: false, error: { code: 'timeout', message: 'too slow', detail: null } });
    await test.as(user).post(`/v1/credentials/${id}/verify`).expect(504);
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(body).toMatchObject({ status: 'verified' });
  });

  it.each<[object, string]>([
    [{ component: 'petstore', fields: {} }, '`name` is missing'],
    [{ component: 'petstore', name: 7, fields: {} }, '`name` must be text'],
    [{ component: 'petstore', name: 'n', fields: { apiKey: '' } }, '`fields.apiKey` must not be empty'],
    [{ component: 'petstore', name: 'n', fields: { apiKey: 7 } }, '`fields.apiKey` must be text'],
    [{ component: 'petstore', name: 'n', fields: {}, extra: 1 }, 'The document has a field that is not known: extra'],
  ])('says in plain words what is wrong with %j', async (body, detail) => {
    const refusal = await test.as(user).post('/v1/credentials').send(body).expect(422);
    expect((refusal.body as { detail: string }).detail).toBe(detail);
  });

  it('stores nothing when the caller has stopped waiting while it was checked', async () => {
    let release: (reply: RpcReply) => void = () => undefined;
    const held = new Promise<RpcReply>((resolve) => {
      release = resolve;
    });
    answer = () => held;
    const before = petstore.asked.length;
    const asking = test.as(user).post('/v1/credentials').send(petstoreCredential);
    const ended = asking.then(
      () => 'answered',
      () => 'given up',
    );
    await eventually(() => expect(petstore.asked.length).toBe(before + 1));
    asking.abort();
    expect(await ended).toBe('given up');
    expect(await storedCount()).toBe(0);
    release({ ok: true, value: null });
    answer = undefined;
    await createdId();
    expect(await storedCount()).toBe(1);
  });

  it('answers 504 in time when the component is silent', async () => {
    answer = () => undefined;
    const began = Date.now();
    const { body } = await test.as(user).post('/v1/credentials').send(petstoreCredential).expect(504);
    expect(body).toMatchObject({ code: 'component_timeout' });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(await storedCount()).toBe(0);
  });
});

describe('credentials', () => {
  it('are listed newest first, page by page and by component, without secrets', async () => {
    const ids = [await createdId(), await createdId(), await createdId()];
    await createdId({ component: 'webhook', name: 'None', fields: { type: 'none' } });
    const list = (query: string) => test.as(user).get(`/v1/credentials?component=petstore&limit=2${query}`).expect(200);
    const first = (await list('')).body as { items: { id: string }[]; nextCursor: string };
    expect(first.items.map((item) => item.id)).toEqual([ids[2], ids[1]]);
    const second = (await list(`&cursor=${first.nextCursor}`)).body as typeof first;
    expect(second).toMatchObject({ items: [{ id: ids[0] }], nextCursor: null });
    expect(JSON.stringify([first, second])).not.toMatch(/sealed|apiKey|k-4711/);
  });

  it('are found by ids with and without dashes', async () => {
    const id = await createdId();
    await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    await test
      .as(user)
      .get(`/v1/credentials/${id.replaceAll('-', '').toUpperCase()}`)
      .expect(200);
    await test.as(user).get('/v1/credentials/not-an-id').expect(404);
  });

  it('are checked again on demand, and the outcome is kept', async () => {
    const id = await createdId();
    answer = () => refused;
    await test.as(user).post(`/v1/credentials/${id}/verify`).expect(422);
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(body).toMatchObject({ status: 'failing', failure: 'The Petstore API refused the API key.' });
    answer = undefined;
    await test
      .as(user)
      .post(`/v1/credentials/${id}/verify`)
      .expect(200)
      .expect((again) => expect(again.body).toMatchObject({ status: 'verified', failure: null }));
  });

  it('forget why they were refused once they have other fields that are not', async () => {
    const id = await createdId();
    answer = () => refused;
    await test.as(user).post(`/v1/credentials/${id}/verify`).expect(422);
    answer = undefined;
    const changed = await test
      .as(user)
      .patch(`/v1/credentials/${id}`)
      .send({ fields: { apiKey: 'new' } });
    expect(changed.body).toMatchObject({ status: 'verified', failure: null });
  });

  it('are found by a part of the name and by status', async () => {
    const ids = [
      await createdId({ ...petstoreCredential, name: '100% of Pets' }),
      await createdId({ ...petstoreCredential, name: 'Tweets' }),
    ];
    const found = async (query: string) => {
      const { body } = await test.as(user).get(`/v1/credentials?${query}`).expect(200);
      return (body as { items: { id: string }[] }).items.map((item) => item.id);
    };
    expect(await found('search=PETS')).toEqual([ids[0]]);
    expect(await found('search=100%25')).toEqual([ids[0]]);
    expect(await found('search=%5C')).toEqual([]);
    expect(await found('search=_')).toEqual([]);
    answer = () => refused;
    await test.as(user).post(`/v1/credentials/${ids[1]}/verify`).expect(422);
    expect(await found('status=failing')).toEqual([ids[1]]);
    await test.as(user).get('/v1/credentials?status=lost').expect(400);
  });

  it('say which flows use them, in the draft or the published version, and no flow that is deleted or of others', async () => {
    const id = await createdId();
    const webhookId = await openWebhookId();
    const made = async (name: string, draft: object) => {
      const { body } = await test.as(user).post('/v1/flows').send({ name, draft }).expect(201);
      return (body as { id: string }).id;
    };
    const empty = { steps: [], edges: [] };
    const published = await made('B published', tutorialDraft(id, webhookId));
    await test.as(user).post(`/v1/flows/${published}/publish`).expect(201);
    await test.as(user).put(`/v1/flows/${published}/draft`).send(empty).expect(200);
    const draft = await made('A draft', tutorialDraft(id));
    await made('Speaks of it', {
      steps: [{ id: 'step_1', component: 'webhook', operation: 'receive', note: `"credentialId":"${id}"` }],
      edges: [],
    });
    const deleted = await made('Deleted', tutorialDraft(id));
    await test.as(user).delete(`/v1/flows/${deleted}`).expect(204);
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect((body as { usedBy: unknown }).usedBy).toEqual([
      { id: draft, name: 'A draft', status: 'draft' },
      { id: published, name: 'B published', status: 'stopped' },
    ]);
    const list = await test.as(user).get('/v1/credentials?component=webhook').expect(200);
    expect(list.body).toMatchObject({ items: [{ id: webhookId, usedBy: [{ id: published }] }] });
  });

  it('change name and fields; new fields are verified first and replace all old ones', async () => {
    const id = await createdId();
    const patch = (body: object) => test.as(user).patch(`/v1/credentials/${id}`).send(body);
    const asked = petstore.asked.length;
    await patch({ name: 'Renamed' }).expect(200);
    expect(petstore.asked).toHaveLength(asked);
    answer = () => refused;
    await patch({ fields: { apiKey: 'new' }, name: 'No' }).expect(422);
    answer = undefined;
    const { body } = await patch({ fields: { apiKey: 'new' } }).expect(200);
    expect(body).toMatchObject({ name: 'Renamed', status: 'verified' });
    await patch({}).expect(422);
    const [row] = await test.database.dataSource.query<{ sealed: string }[]>(
      'select sealed from credential where id = $1',
      [id],
    );
    const keys = deriveComponentKey(test.masterKey, 'petstore');
    const address = { workspaceId: user.workspaceId, credentialId: id as CredentialId, component: 'petstore' };
    expect(openCredential({ ...address, keys, sealed: row?.sealed ?? '' })).toEqual({ apiKey: 'new' });
  });

  it('are deleted unless a running flow uses them', async () => {
    const id = await createdId();
    const flow = await test
      .as(user)
      .post('/v1/flows')
      .send({ name: 'User', draft: tutorialDraft(id, await openWebhookId()) })
      .expect(201);
    const { id: flowId } = flow.body as { id: string };
    await test.as(user).post(`/v1/flows/${flowId}/publish`).expect(201);
    await test.as(user).post(`/v1/flows/${flowId}/start`).expect(200);
    const { body } = await test.as(user).delete(`/v1/credentials/${id}`).expect(409);
    expect(body).toMatchObject({ code: 'credential_in_use', flows: [{ id: flowId, name: 'User' }] });
    await test.as(user).post(`/v1/flows/${flowId}/stop`).expect(200);
    await test.as(user).delete(`/v1/credentials/${id}`).expect(204);
    await test.as(user).get(`/v1/credentials/${id}`).expect(404);
    const start = await test.as(user).post(`/v1/flows/${flowId}/start`).expect(409);
    expect(start.body).toMatchObject({ code: 'credential_missing', steps: ['step_2'] });
  });

  it('cannot be deleted while a flow is being started with them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await createdId();
      const flow = await test
        .as(user)
        .post('/v1/flows')
        .send({ name: 'Race', draft: tutorialDraft(id, await openWebhookId()) })
        .expect(201);
      const { id: flowId } = flow.body as { id: string };
      await test.as(user).post(`/v1/flows/${flowId}/publish`).expect(201);
      const [deletion, start] = await Promise.all([
        test.as(user).delete(`/v1/credentials/${id}`),
        test.as(user).post(`/v1/flows/${flowId}/start`),
      ]);
      expect([
        [204, 409],
        [409, 200],
      ]).toContainEqual([deletion.status, start.status]);
    }
  });

  it('leave no secret in the log', async () => {
    await createdId();
    answer = () => refused;
    await test.as(user).post('/v1/credentials').send(petstoreCredential).expect(422);
    expect(test.logged.join('')).not.toContain(apiKey);
  });
});
