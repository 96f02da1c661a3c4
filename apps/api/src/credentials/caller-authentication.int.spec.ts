import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  petstoreDescriptor,
  startComponent,
  useApi,
  webhookDescriptor,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
const components: TestComponent[] = [];
let user: TestUser;

beforeAll(async () => {
  components.push(await startComponent(test, petstoreDescriptor, () => ({ ok: true, value: null })));
  components.push(await startComponent(test, webhookDescriptor));
  user = await test.signedIn();
});
afterAll(() => Promise.all(components.map((component) => component.close())));

async function authenticationOf(component: string, fields: object) {
  const created = await test.as(user).post('/v1/credentials').send({ component, name: 'Callers', fields }).expect(201);
  const { id } = created.body as { id: string };
  return test.as(user).get(`/v1/credentials/${id}/authentication`);
}

describe('how callers prove that they have a credential', () => {
  it('is told without anything secret, nor the name of a user', async () => {
    const basic = await authenticationOf('webhook', { type: 'basic', username: 'pete-4711', password: 'it-is-secret' });
    expect([basic.status, basic.body]).toEqual([200, { type: 'basic' }]);
    const key = await authenticationOf('webhook', { type: 'apiKey', headerName: 'X-Key', value: 'it-is-secret' });
    expect(key.body).toEqual({ type: 'apiKey', headerName: 'X-Key' });
    const hmac = await authenticationOf('webhook', { type: 'hmac', preset: 'github', secret: 'it-is-secret' });
    expect(hmac.body).toMatchObject({
      type: 'hmac',
      scheme: { algorithm: 'sha256', signature: { header: 'x-hub-signature-256', prefix: 'sha256=' } },
    });
    expect(hmac.text).not.toContain('it-is-secret');
  });

  it('is not told of credentials that no caller uses', async () => {
    const { status, body } = await authenticationOf('petstore', { apiKey: 'it-is-secret' });
    expect([status, (body as { code: string }).code]).toEqual([404, 'not_found']);
  });
});
