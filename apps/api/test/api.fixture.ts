import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  consume,
  createParker,
  createPublisher,
  openSessions,
  sendReply,
  type Consumer,
  type Publisher,
  type SessionPair,
} from '@millrace/amqp';
import {
  componentAnnounced,
  componentTopology,
  coreTopology,
  decodeDescriptor,
  decodeRpcRequest,
  encodeDescriptor,
  encodeRpcReply,
  exchanges,
  newId,
  rpcQueue,
  type ComponentDescriptor,
  type RpcReply,
  type RpcRequest,
  type UserId,
  type WorkspaceId,
} from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database, type Role } from '@millrace/persistence';
import { createTestDatabase, createVhost, eventually, type TestDatabase, type TestVhost } from '@millrace/testing';
import supertest from 'supertest';
import { afterAll, beforeAll, expect } from 'vitest';
import { startApi, type Api } from '../src/app.js';
import { readConfig } from '../src/config.js';
import { hashPassword } from '../src/sessions/passwords.js';

export const hookUrl = 'https://hooks.example.test';
export const password = 'correct horse battery staple';
export const silent = createLogger({ service: 'spec', level: 'silent' });

/** Someone who is signed in. */
export interface TestUser {
  email: string;
  userId: UserId;
  workspaceId: WorkspaceId;
  token: string;
}

/** A running control plane on a database and a virtual host of its own, for a whole spec file. */
export interface TestApi {
  readonly api: Api;
  readonly database: Database;
  readonly amqpUrl: string;
  readonly masterKey: Buffer;
  /** Every line that the process has logged. */
  readonly logged: string[];
  /** Makes a workspace, unless one is given, with a user in it who is signed in. */
  signedIn(options?: { role?: Role; workspaceId?: WorkspaceId }): Promise<TestUser>;
  /** A client that sends the user's token with every request. */
  as(user: TestUser): ReturnType<typeof supertest.agent>;
  /** A client without a token. */
  anonymous(): ReturnType<typeof supertest.agent>;
}

/** Starts the control plane before the tests of a file and takes it down after them. */
export function useApi(env: Record<string, string> = {}): TestApi {
  const masterKey = randomBytes(32);
  const logged: string[] = [];
  let testDatabase: TestDatabase;
  let vhost: TestVhost;
  let api: Api;
  let database: Database;
  let passwordHash: string;

  beforeAll(async () => {
    [testDatabase, vhost, passwordHash] = await Promise.all([
      createTestDatabase(),
      createVhost(),
      hashPassword(password),
    ]);
    database = await openDatabase({ url: testDatabase.url, applicationName: 'spec', poolSize: 2 });
    const config = readConfig({
      PORT: '0',
      DATABASE_URL: testDatabase.url,
      AMQP_URL: vhost.amqpUrl,
      MASTER_KEY: masterKey.toString('base64'),
      HOOK_URL: hookUrl,
      ...env,
    });
    const logger = createLogger({
      service: 'api',
      level: 'debug',
      destination: { write: (line) => logged.push(line) },
    });
    api = await startApi(config, logger);
  });

  afterAll(async () => {
    await api.close();
    await database.close();
    // Postgres may take a moment to see that one was closed.
    await eventually(async () =>
      expect(await testDatabase.connectionCount(), 'database connections left open').toBe(0),
    );
    await testDatabase.drop();
    await vhost.remove();
  });

  const client = () => supertest.agent(`http://127.0.0.1:${api.port}`);
  return {
    get api() {
      return api;
    },
    get database() {
      return database;
    },
    get amqpUrl() {
      return vhost.amqpUrl;
    },
    masterKey,
    logged,
    anonymous: client,
    as: (user) => client().set('authorization', `Bearer ${user.token}`),
    async signedIn({ role = 'member', workspaceId } = {}) {
      const user = await insertUser(database, { role, workspaceId, passwordHash });
      const answer = await client().post('/v1/sessions').send({ email: user.email, password }).expect(201);
      return { ...user, token: (answer.body as { token: string }).token };
    },
  };
}

async function insertUser(
  database: Database,
  options: { role: Role; workspaceId: WorkspaceId | undefined; passwordHash: string },
): Promise<Omit<TestUser, 'token'>> {
  const workspaceId = options.workspaceId ?? newId<WorkspaceId>();
  const userId = newId<UserId>();
  const email = `${randomUUID()}@example.test`;
  const run = (text: string, values: unknown[]) => database.dataSource.query(text, values);
  await run(`insert into workspace (id, name) values ($1, 'Spec') on conflict do nothing`, [workspaceId]);
  await run(`insert into "user" (id, email, name, password_hash) values ($1, $2, 'Ada', $3)`, [
    userId,
    email,
    options.passwordHash,
  ]);
  await run(`insert into membership (workspace_id, user_id, role) values ($1, $2, $3)`, [
    workspaceId,
    userId,
    options.role,
  ]);
  return { email, userId, workspaceId };
}

/** A component on the broker that answers as the test says. */
export interface TestComponent {
  readonly asked: RpcRequest[];
  announce(body?: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Starts a component, announces it and waits until the catalogue has it. `undefined` as an answer is silence. */
export async function startComponent(
  test: TestApi,
  descriptor: ComponentDescriptor,
  answer: (request: RpcRequest) => RpcReply | undefined | Promise<RpcReply> = () => ({ ok: true, value: null }),
): Promise<TestComponent> {
  const sessions: SessionPair = openSessions({
    url: test.amqpUrl,
    name: descriptor.name,
    topology: coreTopology,
    logger: silent,
  });
  await sessions.consuming.declare(componentTopology(descriptor.name));
  const publisher: Publisher = createPublisher(sessions.publishing, { logger: silent });
  const asked: RpcRequest[] = [];
  const consumer: Consumer = consume(sessions.consuming, {
    queue: rpcQueue(descriptor.name),
    prefetch: 5,
    logger: silent,
    park: createParker(publisher),
    async handle(delivery) {
      const request = decodeRpcRequest(delivery.body);
      if (!request.ok) return { outcome: 'park', reason: request.reason };
      asked.push(request.value);
      const reply = await answer(request.value);
      if (reply) await sendReply(publisher, delivery, encodeRpcReply(reply));
      return { outcome: 'done' };
    },
  });
  await consumer.started;
  const announce = (body = encodeDescriptor(descriptor)) =>
    publisher.publish({ exchange: exchanges.events, routingKey: componentAnnounced, body, messageId: randomUUID() });
  await announce();
  await eventually(async () => {
    const found = await test.database.dataSource.query(`select 1 from component where name = $1`, [descriptor.name]);
    expect(found).toHaveLength(1);
  });
  return {
    asked,
    announce,
    async close() {
      await consumer.close();
      await publisher.close();
      await sessions.close();
    },
  };
}

/** What the components of this repository announce, one a line; `descriptors.int.spec.ts` keeps the file in step with them. */
export const descriptorsFile = new URL('descriptors.jsonl', import.meta.url);
const descriptors = readFileSync(descriptorsFile, 'utf8').trim().split('\n').map(descriptorIn);

function descriptorIn(line: string): ComponentDescriptor {
  const decoded = decodeDescriptor(Buffer.from(line));
  if (!decoded.ok) throw new Error(`descriptors.jsonl holds no good descriptor: ${decoded.reason}`);
  return decoded.value;
}

function descriptorNamed(name: string): ComponentDescriptor {
  const found = descriptors.find((descriptor) => descriptor.name === name);
  if (!found) throw new Error(`descriptors.jsonl has no descriptor of ${name}`);
  return found;
}

export const webhookDescriptor = descriptorNamed('webhook');
export const petstoreDescriptor = descriptorNamed('petstore');
export const timerDescriptor = descriptorNamed('timer');
export const twitterDescriptor = descriptorNamed('twitter');

/** The tutorial's flow: webhook to petstore. It has a problem as long as the webhook has no credential. */
export function tutorialDraft(credentialId: string, webhookCredentialId: string | null = null) {
  return {
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: webhookCredentialId },
      {
        id: 'step_2',
        component: 'petstore',
        operation: 'createPet',
        credentialId,
        mapping: { name: 'petname', status: 'petstatus' },
      },
    ],
    edges: [{ from: 'step_1', to: 'step_2' }],
  };
}
