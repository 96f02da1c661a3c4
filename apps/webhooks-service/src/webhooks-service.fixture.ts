import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { consume, createParker, createPublisher, openSessions, partsOf, type Delivery } from '@millrace/amqp';
import {
  coreTopology,
  decodeTriggerMessage,
  encodeInvalidation,
  exchanges,
  newId,
  queues,
  type CredentialId,
  type Json,
  type JsonObject,
  type TriggerMessage,
} from '@millrace/contracts';
import { sealCredential } from '@millrace/credentials';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import {
  cuttingProxy,
  eventually,
  seedCredential,
  seedFlow,
  useTestDatabase,
  useVhost,
  type CuttingProxy,
  type SeededFlow,
} from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startWebhooksService, type Timing, type WebhooksService } from './app.js';
import { readConfig } from './config.js';

export interface ServiceFixtureOptions {
  /** Settings besides those that every instance needs. */
  env?: Record<string, string>;
  timing?: Timing;
}

export interface FlowSeed {
  /** Of the credential; `none` when left out. */
  fields?: JsonObject;
  /** Settings of the trigger. */
  config?: JsonObject;
  status?: string;
  /** Whether the flow has a step that answers the caller. */
  replies?: boolean;
}

export interface SeededHook extends SeededFlow {
  credentialId: CredentialId;
}

export const publicUrl = 'https://hooks.example.com';
const key = randomBytes(32);
export const credentialKey = key;
export const resumeUrlKey = randomBytes(32);
const logger = createLogger({ service: 'spec', level: 'silent' });

/**
 * The service on a real broker and database, made anew for each test, with a consumer of what it publishes. Call it at the
 * top of a file; read what it returns within tests.
 */
export function useWebhooksService({ env = {}, timing = {} }: ServiceFixtureOptions = {}) {
  const testDatabase = useTestDatabase();
  const vhost = useVhost();
  let database: Database;
  let proxy: CuttingProxy;
  let service: WebhooksService;
  let sessions: ReturnType<typeof openSessions>;
  let publisher: ReturnType<typeof createPublisher>;
  let closeConsumer: () => Promise<void>;
  let closed: Promise<void> | undefined;
  let received: Delivery[] = [];
  let onTrigger: (trigger: TriggerMessage) => void = () => undefined;

  beforeAll(async () => {
    database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
  });
  afterAll(() => database.close());

  beforeEach(async () => {
    proxy = await cuttingProxy(vhost.amqpUrl);
    service = await startWebhooksService(
      readConfig({
        PORT: '0',
        HOOK_URL: publicUrl,
        DATABASE_URL: testDatabase.url,
        AMQP_URL: proxy.through(vhost.amqpUrl),
        CREDENTIAL_KEY_WEBHOOK: key.toString('base64'),
        ATTACHMENT_URL_KEY: randomBytes(32).toString('base64'),
        RESUME_URL_KEY: resumeUrlKey.toString('base64'),
        PUBLISH_TIMEOUT_MS: '2000',
        ...env,
      }),
      logger,
      timing,
    );
    closed = undefined;
    received = [];
    onTrigger = () => undefined;
    sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
    publisher = createPublisher(sessions.publishing, { logger });
    const consumer = consume(sessions.consuming, {
      queue: queues.triggers,
      prefetch: 1_000,
      logger,
      park: createParker(publisher),
      async handle(delivery) {
        for (const part of partsOf(delivery)) {
          received.push(part);
          const trigger = decodeTriggerMessage(part);
          if (trigger.ok) onTrigger(trigger.value);
        }
        return { outcome: 'done' };
      },
    });
    closeConsumer = () => consumer.close();
    await eventually(async () => expect((await fetch(url('/health/ready'))).status).toBe(200), { timeoutMs: 10_000 });
  });

  afterEach(async () => {
    await closeConsumer();
    await publisher.close();
    await sessions.close();
    await close();
    await proxy.close();
  });

  const close = (): Promise<void> => (closed ??= service.close());
  const url = (path: string): string => `http://127.0.0.1:${service.port}${path}`;
  const hook = (flowId: string, init: RequestInit = {}): Promise<Response> => fetch(url(`/hook/${flowId}`), init);

  return {
    url,
    /** Calls the URL of a flow; what follows the id may be added to it. */
    hook,
    post: (flowId: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
      hook(flowId, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }),

    /** A flow with its trigger and credential, as the control plane would have written them. */
    async seed({ fields = { type: 'none' }, config = {}, status = 'running', replies = false }: FlowSeed = {}) {
      const credentialId = newId<CredentialId>();
      const trigger = { id: 'step_1', component: 'webhook', operation: 'receive', credentialId, config };
      const reply = { id: 'step_2', component: 'webhook', operation: 'reply' };
      const steps = replies ? [trigger, reply] : [trigger];
      const edges = replies ? [{ from: 'step_1', to: 'step_2' }] : [];
      const flow = await seedFlow(database, { steps, edges }, { status });
      const { workspaceId } = flow;
      const sealed = sealCredential({ key, workspaceId, credentialId, component: 'webhook', fields });
      await seedCredential(database, { id: credentialId, workspaceId, component: 'webhook', sealed });
      return { ...flow, credentialId } satisfies SeededHook;
    },

    seal: ({ workspaceId, credentialId }: SeededHook, fields: JsonObject): string =>
      sealCredential({ key, workspaceId, credentialId, component: 'webhook', fields }),

    /** The triggers that have arrived, once there are at least `count`. */
    async triggers(count: number): Promise<TriggerMessage[]> {
      await eventually(() => expect(received.length).toBeGreaterThanOrEqual(count), { timeoutMs: 10_000 });
      return received.map((delivery) => {
        const trigger = decodeTriggerMessage(delivery);
        if (!trigger.ok) throw new Error(trigger.reason);
        return trigger.value;
      });
    },

    /** The output of the trigger that came last. */
    async output(): Promise<Json> {
      const trigger = (await this.triggers(1)).at(-1);
      const { rawBodyBytes = 0 } = trigger?.request ?? {};
      const body = trigger?.body ?? Buffer.alloc(0);
      return JSON.parse(body.subarray(0, body.length - rawBodyBytes).toString()) as Json;
    },

    hear(listener: (trigger: TriggerMessage) => void): void {
      onTrigger = listener;
    },

    /** Announces a change in the way the control plane does. */
    invalidate: (ids: { flowIds?: string[]; credentialIds?: string[] }): Promise<void> =>
      publisher.publish({
        exchange: exchanges.invalidate,
        routingKey: '',
        body: encodeInvalidation({ flowIds: [], credentialIds: [], ...ids }),
        messageId: newId(),
        mandatory: false,
        persistent: false,
      }),

    /** What the server says on a bare connection until it hangs up, or until `until` is satisfied. */
    raw(beginning: string, until: (said: string) => boolean = () => false): Promise<string> {
      return new Promise((resolve) => {
        const socket = connect(service.port, '127.0.0.1');
        let said = '';
        const end = (): void => {
          socket.destroy();
          resolve(said);
        };
        socket.on('data', (chunk) => {
          said += chunk.toString();
          if (until(said)) end();
        });
        socket.on('error', () => undefined);
        socket.once('close', end);
        socket.write(beginning);
      });
    },

    /** As `raw`, with a byte each `everyMs` after the beginning. */
    drip(beginning: string, everyMs: number): Promise<string> {
      return new Promise((resolve) => {
        const socket = connect(service.port, '127.0.0.1');
        let said = '';
        socket.on('data', (chunk) => (said += chunk.toString()));
        socket.on('error', () => undefined);
        socket.write(beginning);
        const drops = setInterval(() => socket.write('x'), everyMs);
        socket.once('close', () => {
          clearInterval(drops);
          resolve(said);
        });
      });
    },

    /** The names of all queues of the broker. */
    async queues(): Promise<string[]> {
      return (await vhost.management.queues(vhost.name)).map(({ name }) => name);
    },

    query: <Row = unknown>(text: string, values: unknown[] = []): Promise<Row[]> =>
      database.dataSource.query(text, values),

    /** Ends the service before the end of the test. */
    close,
    get port() {
      return service.port;
    },
    get database() {
      return database;
    },
    get proxy() {
      return proxy;
    },
    get publisher() {
      return publisher;
    },
    get received() {
      return received;
    },
    get vhost() {
      return vhost;
    },
  };
}

export const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
