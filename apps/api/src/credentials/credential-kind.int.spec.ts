import { componentRepository } from '@millrace/persistence';
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

async function createdId(name: string, fields: object, component = 'webhook'): Promise<string> {
  const created = await test.as(user).post('/v1/credentials').send({ component, name, fields }).expect(201);
  return (created.body as { id: string }).id;
}

describe('a credential', () => {
  it('says what kind it is of, and nothing else of its fields', async () => {
    const id = await createdId('Signed', { type: 'hmac', preset: 'github', secret: 'it-is-a-secret' });
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(body).toMatchObject({ type: 'hmac', preset: 'github' });
    expect(JSON.stringify(body)).not.toContain('it-is-a-secret');
  });

  it('says nothing that its component has not listed, or marks secret', async () => {
    const text = { type: 'string' };
    const odd = {
      ...webhookDescriptor,
      name: 'odd',
      credentials: {
        fields: { type: 'object', properties: { type: text, preset: { ...text, enum: ['a'], writeOnly: true } } },
        required: true,
        verifies: false,
      },
    };
    await componentRepository(test.database.dataSource.manager).announce(odd);
    const id = await createdId('Odd', { type: 's3cret', preset: 'a' }, 'odd');
    const shown = async () => (await test.as(user).get(`/v1/credentials/${id}`).expect(200)).body as object;
    expect(await shown()).toMatchObject({ name: 'Odd', type: null, preset: null });
    const { body } = await test.as(user).get('/v1/credentials').expect(200);
    expect(JSON.stringify(body)).not.toContain('s3cret');
  });

  it('of a component that is not known any more is shown without its kind', async () => {
    const credentials = { ...webhookDescriptor.credentials!, verifies: false };
    const left = { ...webhookDescriptor, name: 'left', credentials };
    await componentRepository(test.database.dataSource.manager).announce(left);
    const id = await createdId('Left', { type: 'none' }, 'left');
    await test.database.dataSource.query(`delete from component where name = 'left'`);
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(body).toMatchObject({ name: 'Left', type: null, preset: null });
  });

  it('is shown without its kind when it was sealed with a key that is gone', async () => {
    const id = await createdId('Open', { type: 'none' });
    await test.database.dataSource.query(`update credential set sealed = 'v1.gone' where id = $1`, [id]);
    const { body } = await test.as(user).get(`/v1/credentials/${id}`).expect(200);
    expect(body).toMatchObject({ name: 'Open', type: null, preset: null });
  });
});
