import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  petstoreDescriptor,
  startComponent,
  tutorialDraft,
  useApi,
  webhookDescriptor,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
let draft: ReturnType<typeof tutorialDraft>;
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
  const petstore = await createCredential({ component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } });
  const webhook = await createCredential({ component: 'webhook', name: 'Open', fields: { type: 'none' } });
  draft = tutorialDraft(petstore, webhook);
});

const get = (path: string) => test.as(user).get(path);
const post = (path: string) => test.as(user).post(path);

async function idOf(creating: PromiseLike<{ body: unknown }>): Promise<string> {
  return ((await creating).body as { id: string }).id;
}
const createCredential = (body: object) => idOf(post('/v1/credentials').send(body).expect(201));
const createFlow = () => idOf(post('/v1/flows').send({ name: 'Pets', draft }).expect(201));

async function publish(id: string, changed: object): Promise<void> {
  await test.as(user).put(`/v1/flows/${id}/draft`).send(changed).expect(200);
  await post(`/v1/flows/${id}/publish`).expect(201);
}

/** The tutorial with another field mapped to the pet's name. */
function named(expression: string): typeof draft {
  const copy = structuredClone(draft);
  const step = copy.steps[1] as { mapping: { name: string } };
  step.mapping.name = expression;
  return copy;
}

describe('a version', () => {
  it('becomes the draft again, and the next version when that is published', async () => {
    const id = await createFlow();
    await publish(id, draft);
    await publish(id, named('title'));
    const restored = await post(`/v1/flows/${id}/versions/1/restore`).expect(200);
    expect(restored.body).toMatchObject({ draft, problems: [], draftRevision: 4 });
    expect(restored.headers['etag']).toBe('"4"');
    expect((await get(`/v1/flows/${id}`).expect(200)).body).toMatchObject({ draft, publishedVersion: 2 });
    const { body } = await post(`/v1/flows/${id}/publish`).expect(201);
    expect(body).toMatchObject({ number: 3, definition: draft });
  });

  it('takes no place of a draft that someone else has saved meanwhile', async () => {
    const id = await createFlow();
    await publish(id, draft);
    const { body } = await post(`/v1/flows/${id}/versions/1/restore`).set('if-match', '"1"').expect(412);
    expect(body).toMatchObject({ code: 'draft_changed', draftRevision: 2 });
  });

  it('is answered 404 when there is none, or the flow belongs to others', async () => {
    const id = await createFlow();
    await publish(id, draft);
    for (const number of ['2', '0', 'x', '99999999999']) {
      await post(`/v1/flows/${id}/versions/${number}/restore`).expect(404);
    }
    const stranger = await test.signedIn();
    await test.as(stranger).post(`/v1/flows/${id}/versions/1/restore`).expect(404);
    await test.as(stranger).get(`/v1/flows/${id}/difference`).expect(404);
    await test.as(stranger).post(`/v1/flows/${id}/copy`).expect(404);
  });
});

describe('the difference', () => {
  it('is between the published version and the draft, or between any two of them', async () => {
    const id = await createFlow();
    await publish(id, draft);
    await publish(id, named('title'));
    const difference = async (query: string) => (await get(`/v1/flows/${id}/difference${query}`).expect(200)).body;
    expect(await difference('')).toEqual({ from: 2, to: 'draft', steps: [], edges: [], fields: [] });
    const fields = [{ pointer: '/mapping/name', before: 'petname', after: 'title' }];
    expect(await difference('?from=1&to=2')).toEqual({
      from: 1,
      to: 2,
      steps: [{ id: 'step_2', change: 'changed', fields }],
      edges: [],
      fields: [],
    });
    expect(await difference('?from=1')).toMatchObject({ to: 'draft', steps: [{ fields }] });
    await get(`/v1/flows/${id}/difference?from=3`).expect(404);
    await get(`/v1/flows/${id}/difference?from=last`).expect(400);
  });

  it('needs a version to compare with', async () => {
    const { body } = await get(`/v1/flows/${await createFlow()}/difference`).expect(404);
    expect(body).toMatchObject({ detail: expect.stringContaining('no version yet') as string });
  });
});

describe('a copy of a flow', () => {
  it('has its draft and samples, another URL, and no version', async () => {
    const id = await createFlow();
    await publish(id, draft);
    const sample = { mode: 'manual', value: { petname: 'Rex' } };
    await post(`/v1/flows/${id}/steps/step_1/sample`).send(sample).expect(200);
    const { body } = await post(`/v1/flows/${id}/copy`).expect(201);
    const copy = body as { id: string; webhookUrl: string };
    expect(copy).toMatchObject({ name: 'Copy of Pets', status: 'draft', draft, publishedVersion: null });
    expect(copy.webhookUrl).toContain(copy.id);
    const { body: samples } = await get(`/v1/flows/${copy.id}/samples`).expect(200);
    expect(samples).toMatchObject({ items: [{ stepId: 'step_1', output: { petname: 'Rex' } }] });
    await post(`/v1/flows/${copy.id}/publish`).expect(201);
    const again = await post(`/v1/flows/${id}/copy`).send({ name: 'Cats' }).expect(201);
    expect(again.body).toMatchObject({ name: 'Cats' });
  });
});
