import { randomBytes } from 'node:crypto';
import {
  createTestDatabase,
  createVhost,
  cuttingProxy,
  eventually,
  type CuttingProxy,
  type TestDatabase,
  type TestVhost,
} from '@millrace/testing';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, createFirstAccount, type Database } from '@millrace/persistence';
import { hookUrl, password, petstoreDescriptor, silent, startComponent, type TestApi } from '../test/api.fixture.js';
import { startApi, type Api } from './app.js';
import { readConfig } from './config.js';
import { hashPassword } from './sessions/passwords.js';

let testDatabase: TestDatabase;
let database: Database;
let vhost: TestVhost;
let proxy: CuttingProxy;
let databaseProxy: CuttingProxy;
let api: Api;
let token: string;

const as = () => supertest.agent(`http://127.0.0.1:${api.port}`).set('authorization', `Bearer ${token}`);

beforeAll(async () => {
  [testDatabase, vhost] = await Promise.all([createTestDatabase(), createVhost()]);
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec', poolSize: 2 });
  const account = {
    email: 'ada@example.test',
    name: 'Ada',
    passwordHash: await hashPassword(password),
    workspaceName: 'Spec',
  };
  await createFirstAccount(database.dataSource, () => Promise.resolve(account));
  proxy = await cuttingProxy(vhost.amqpUrl);
  databaseProxy = await cuttingProxy(testDatabase.url);
  proxy.refuse();
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: databaseProxy.through(testDatabase.url),
    AMQP_URL: proxy.through(vhost.amqpUrl),
    MASTER_KEY: randomBytes(32).toString('base64'),
    HOOK_URL: hookUrl,
  });
  api = await startApi(config, silent);
  const signIn = await as().post('/v1/sessions').send({ email: account.email, password }).expect(201);
  token = (signIn.body as { token: string }).token;
});

afterAll(async () => {
  await api.close();
  await proxy.close();
  await databaseProxy.close();
  await database.close();
  await testDatabase.drop();
  await vhost.remove();
});

describe('the control plane without a broker', () => {
  it('starts, is alive but not ready, and does what needs none', async () => {
    await as().get('/health/live').expect(200);
    const { body } = await as().get('/health/ready').expect(503);
    expect(body).toEqual({ status: 'not_ready', checks: { database: 'ok', broker: 'failed' } });
    const created = await as().post('/v1/flows').send({ name: 'Offline' }).expect(201);
    const { id } = created.body as { id: string };
    await as().get(`/v1/flows/${id}`).expect(200);
    await as().post(`/v1/flows/${id}/stop`).expect(200);
    await as().delete(`/v1/flows/${id}`).expect(204);
  });

  it('says at once that no component can be asked', async () => {
    await database.dataSource.query(`insert into component (name, version, descriptor) values ($1, '1', $2)`, [
      petstoreDescriptor.name,
      JSON.stringify(petstoreDescriptor),
    ]);
    const began = Date.now();
    const { body } = await as()
      .post('/v1/credentials')
      .send({ component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } })
      .expect(503);
    expect(body).toMatchObject({ code: 'component_unavailable' });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('recovers when the broker comes, and again after it was cut off', async () => {
    const credential = { component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } };
    proxy.restore();
    await eventually(() => as().get('/health/ready').expect(200), { timeoutMs: 15_000 });
    const petstore = await startComponent({ database, amqpUrl: vhost.amqpUrl } as TestApi, petstoreDescriptor);
    await as().post('/v1/credentials').send(credential).expect(201);
    proxy.cut();
    await eventually(() => as().post('/v1/credentials').send(credential).expect(201), { timeoutMs: 15_000 });
    await petstore.close();
  });
});

describe('the control plane without its database', () => {
  it('answers 503 and when to come back, and works again when the database does', async () => {
    databaseProxy.refuse();
    databaseProxy.cut();
    const { body, headers } = await as().get('/v1/flows').expect(503);
    expect(body).toMatchObject({ code: 'unavailable' });
    expect(headers['retry-after']).toBe('5');
    await as().get('/health/live').expect(200);
    await as()
      .get('/health/ready')
      .expect(503)
      .expect((answer) => expect(answer.body).toMatchObject({ checks: { database: 'failed' } }));
    databaseProxy.restore();
    await as().get('/v1/flows').expect(200);
    await eventually(() => as().get('/health/ready').expect(200), { timeoutMs: 15_000 });
  });
});
