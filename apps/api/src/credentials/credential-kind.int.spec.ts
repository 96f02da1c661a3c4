import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  startComponent,
  useApi,
  webhookDescriptor,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
let webhook: TestComponent;
let user: TestUser;
beforeAll(async () => {
  webhook = await startComponent(test, webhookDescriptor);
});
afterAll(() => webhook.close());
beforeEach(async () => {
  user = await test.signedIn();
});

async function createdId(name: string, fields: object): Promise<string> {
  const created = await test.as(user).post('/v1/credentials').send({ component: 'webhook', name, fields }).expect(201);
  return (created.body as { id: string }).id;
}

describe('a credential', () => {
  it('says what kind it is of, and nothing else of its fields', async () => {
    const id = await createdId('Signed', { type: 'hmac', preset: 'github', secret: 'it-is-a-secret' });
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(body).toMatchObject({ type: 'hmac', preset: 'github' });
    expect(JSON.stringify(body)).not.toContain('it-is-a-secret');
  });

  it('is shown without its kind when it was sealed with a key that is gone', async () => {
    const id = await createdId('Open', { type: 'none' });
    await test.database.dataSource.query(`update credential set sealed = 'v1.gone' where id = $1`, [id]);
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(body).toMatchObject({ name: 'Open', type: null, preset: null });
  });
});
