import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startComponent,
  twitterDescriptor,
  useApi,
  webhookDescriptor,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
const components: TestComponent[] = [];
let user: TestUser;

beforeAll(async () => {
  components.push(await startComponent(test, twitterDescriptor));
  components.push(await startComponent(test, webhookDescriptor));
  user = await test.signedIn();
});
afterAll(() => Promise.all(components.map((component) => component.close())));

const open = { type: 'none' };
const tokens = { type: 'oauth2', clientId: 'c', accessToken: 'a', refreshToken: 'r' };

/** As after the master key was replaced. */
async function sealedAnew(component: string, fields: object): Promise<string> {
  const created = await test.as(user).post('/v1/credentials').send({ component, name: 'Old', fields }).expect(201);
  const { id } = created.body as { id: string };
  const gone = ['mr1', 'gone', Buffer.alloc(12).toString('base64url'), Buffer.alloc(32).toString('base64url')].join(
    '.',
  );
  await test.database.dataSource.query('update credential set sealed = $2 where id = $1', [id, gone]);
  return id;
}

const remedy = expect.stringContaining('give it new fields') as string;

describe('a credential that was sealed with a key that is gone', () => {
  it.each([
    ['twitter', tokens],
    ['webhook', open],
  ])('is failing, with words, once it is checked (%s), and good again with new fields', async (component, fields) => {
    const id = await sealedAnew(component, fields);
    const { body } = await test.as(user).post(`/v1/credentials/${id}/verify`).expect(422);
    expect(body).toMatchObject({
      code: 'credential_refused',
      detail: remedy,
      reason: { code: 'credential_unreadable' },
    });
    const read = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(read.body).toMatchObject({ status: 'failing', failure: remedy });
    const { body: renewed } = await test.as(user).patch(`/v1/credentials/${id}`).send({ fields }).expect(200);
    expect(renewed).toMatchObject({ type: fields.type, failure: null });
    await test.as(user).post(`/v1/credentials/${id}/verify`).expect(200);
  });

  it('says so where callers ask how to prove that they have it', async () => {
    const id = await sealedAnew('webhook', open);
    const { body } = await test.as(user).get(`/v1/credentials/${id}/authentication`).expect(409);
    expect(body).toMatchObject({ code: 'credential_unreadable', detail: remedy });
  });

  it('gets no new tokens with a client that nobody can read', async () => {
    const credentialId = await sealedAnew('twitter', tokens);
    const { body } = await test.as(user).post('/v1/credentials/oauth2/authorize').send({ credentialId }).expect(409);
    expect(body).toMatchObject({ code: 'credential_unreadable', detail: remedy });
  });
});
