import { newId, type CredentialId } from '@millrace/contracts';
import { seedCredential, seedFlow, type SeededFlow } from '@millrace/testing';
import { insertRejections } from '@millrace/persistence';
import { beforeEach, describe, expect, it } from 'vitest';
import { hookUrl, tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, failedRun } from '../../test/runs.fixture.js';

const test = useApi();
let user: TestUser;
let flow: SeededFlow;
let credentialId: CredentialId;

beforeEach(async () => {
  user = await test.signedIn();
  const { workspaceId } = user;
  credentialId = newId();
  await seedCredential(test.database, { id: credentialId, workspaceId, component: 'petstore', sealed: 'secret' });
  flow = await seedFlow(test.database, tutorialDraft(credentialId), { workspaceId, status: 'stopped' });
});

const sql = (text: string, values: unknown[] = []) => test.database.dataSource.query(text, values);
const get = async (path: string) => (await test.as(user).get(path).expect(200)).body as Record<string, unknown>;

describe('a flow as a document', () => {
  it('names credentials, holds no id, and makes the same draft where they are called so', async () => {
    const document = await get(`/v1/flows/${flow.flowId}/export`);
    const { edges, steps } = tutorialDraft(credentialId);
    const plain = steps.map(({ credentialId: _id, ...step }) => step);
    expect(document).toEqual({
      format: 'millrace.flow',
      version: 1,
      name: 'test',
      draft: { steps: plain, edges },
      credentials: { step_2: { component: 'petstore', name: 'test' } },
    });
    const { body } = await test.as(user).post('/v1/flows/import').send(document).expect(201);
    const imported = body as { flow: { id: string; draft: unknown; status: string }; missingCredentials: unknown[] };
    expect(imported.missingCredentials).toEqual([]);
    expect(imported.flow).toMatchObject({ name: 'test', status: 'draft', draftRevision: 1 });
    expect(imported.flow.draft).toEqual({ steps: [plain[0], { ...plain[1], credentialId }], edges });
    expect(imported.flow.id).not.toBe(flow.flowId);
  });

  it('says which credentials are missing, and takes none by its id', async () => {
    const stranger = await test.signedIn();
    const document = { ...(await get(`/v1/flows/${flow.flowId}/export`)), draft: tutorialDraft(credentialId) };
    const other = await test.as(stranger).post('/v1/flows/import').send(document).expect(201);
    const missing = { stepId: 'step_2', component: 'petstore', name: 'test' };
    expect(other.body).toMatchObject({ missingCredentials: [{ ...missing, reason: 'none' }] });
    expect(JSON.stringify(other.body)).not.toContain(credentialId);
    const second = { id: newId<CredentialId>(), workspaceId: user.workspaceId, component: 'petstore', sealed: 'x' };
    await seedCredential(test.database, second);
    const own = await test.as(user).post('/v1/flows/import').send(document).expect(201);
    expect(own.body).toMatchObject({ missingCredentials: [{ ...missing, reason: 'several' }] });
  });

  it('is refused when it is of another format or version', async () => {
    const document = await get(`/v1/flows/${flow.flowId}/export`);
    for (const odd of [{ version: 2 }, { format: 'other' }, { name: '' }, { extra: 1 }]) {
      await test
        .as(user)
        .post('/v1/flows/import')
        .send({ ...document, ...odd })
        .expect(422);
    }
  });
});

describe('a deleted flow', () => {
  it('is unknown at once, and comes back with all it had', async () => {
    const { flowId } = flow;
    await test.as(user).delete(`/v1/flows/${flowId}`).expect(204);
    await test.as(user).get(`/v1/flows/${flowId}`).expect(404);
    const { body } = await test.as(user).post(`/v1/flows/${flowId}/undelete`).expect(200);
    expect(body).toMatchObject({ id: flowId, status: 'stopped', publishedVersion: 1 });
    expect(body).toMatchObject({ webhookUrl: `${hookUrl}/hook/${flowId}` });
    await test.as(user).post(`/v1/flows/${flowId}/start`).expect(200);
    await test.as(user).post(`/v1/flows/${flowId}/undelete`).expect(404);
  });

  it('that was never published is a draft again', async () => {
    const { body } = await test.as(user).post('/v1/flows').send({ name: 'New' }).expect(201);
    const { id } = body as { id: string };
    await test.as(user).delete(`/v1/flows/${id}`).expect(204);
    const back = await test.as(user).post(`/v1/flows/${id}/undelete`).expect(200);
    expect(back.body).toMatchObject({ status: 'draft' });
  });

  it('is gone after half an hour', async () => {
    await test.as(user).delete(`/v1/flows/${flow.flowId}`).expect(204);
    await sql(`update flow set deleted_at = now() - interval '31 minutes' where id = $1`, [flow.flowId]);
    await test.as(user).post(`/v1/flows/${flow.flowId}/undelete`).expect(404);
  });
});

describe('the list of flows', () => {
  const names = async (query: string) => {
    const page = await get(`/v1/flows?${query}`);
    return { names: (page['items'] as { name: string }[]).map(({ name }) => name), next: page['nextCursor'] as string };
  };

  beforeEach(async () => {
    for (const name of ['beta', 'Alpha 100%', 'gamma']) {
      await test.as(user).post('/v1/flows').send({ name }).expect(201);
    }
    await test.as(user).patch(`/v1/flows/${flow.flowId}`).send({ name: 'delta' }).expect(200);
  });

  it('finds by a part of the name, by id and by several statuses', async () => {
    expect((await names('q=ALPHA')).names).toEqual(['Alpha 100%']);
    expect((await names('q=%25')).names).toEqual(['Alpha 100%']);
    expect((await names(`q=${flow.flowId.replaceAll('-', '')}`)).names).toEqual(['delta']);
    expect((await names('status=stopped,running')).names).toEqual(['delta']);
    expect((await names('status=draft&q=a')).names).toEqual(['gamma', 'Alpha 100%', 'beta']);
    await test.as(user).get('/v1/flows?status=odd').expect(400);
  });

  it.each([
    ['newest', ['gamma', 'Alpha 100%', 'beta', 'delta']],
    ['name', ['Alpha 100%', 'beta', 'delta', 'gamma']],
    ['updated', ['delta', 'gamma', 'Alpha 100%', 'beta']],
  ])('is ordered by %s, page after page', async (order, expected) => {
    const found: string[] = [];
    for (let cursor = ''; ;) {
      const page = await names(`order=${order}&limit=1${cursor && `&cursor=${cursor}`}`);
      found.push(...page.names);
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(found).toEqual(expected);
    await test.as(user).get(`/v1/flows?order=${order}&cursor=odd`).expect(400);
  });
});

describe('over all flows', () => {
  it('incidents are told flow by flow, and rejections as they came', async () => {
    const { workspaceId } = user;
    const other = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId });
    const [first, second] = [await failedRun(test.database, flow), await failedRun(test.database, other)];
    await beginRun(test.database, flow);
    expect((await get('/v1/incidents'))['items']).toMatchObject([
      { flowId: other.flowId, count: 1, lastRunId: second },
      { flowId: flow.flowId, count: 1, lastRunId: first },
    ]);
    expect((await get(`/v1/incidents?flowId=${flow.flowId}`))['items']).toMatchObject([{ flowId: flow.flowId }]);
    const rejection = (of: SeededFlow) => ({
      id: newId<never>(),
      workspaceId,
      flowId: of.flowId,
      receivedAt: Date.now(),
      status: 401,
      reason: 'unauthorized',
      message: 'No',
      method: 'POST',
      path: '',
      headers: '{}',
      bodyBytes: null,
      bodySha256: null,
    });
    await insertRejections(test.database, [rejection(flow), rejection(other)]);
    expect((await get('/v1/rejections'))['items']).toMatchObject([{ flowId: other.flowId }, { flowId: flow.flowId }]);
    expect((await get(`/v1/rejections?flowId=${flow.flowId}&reason=unauthorized`))['items']).toHaveLength(1);
    const stranger = await test.signedIn();
    for (const what of ['incidents', 'rejections']) {
      const { body } = await test.as(stranger).get(`/v1/${what}`).expect(200);
      expect(body).toMatchObject({ items: [] });
    }
  });
});
