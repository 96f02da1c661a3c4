import { createHmac, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { consume, createParker, createPublisher, openSessions, type Delivery } from '@millrace/amqp';
import {
  coreTopology,
  decodeTriggerMessage,
  encodeInvalidation,
  exchanges,
  newId,
  queues,
  type CredentialId,
  type FlowId,
  type JsonObject,
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
} from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWebhooksService, type WebhooksService } from './app.js';
import { readConfig } from './config.js';

const testDatabase = useTestDatabase();
const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const key = randomBytes(32);
const maxBodyBytes = 10_000;
const publicUrl = 'https://hooks.example.com';
let database: Database;

beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

let service: WebhooksService;
let proxy: CuttingProxy;
let received: Delivery[];
let sessions: ReturnType<typeof openSessions>;
let publisher: ReturnType<typeof createPublisher>;
let closeConsumer: () => Promise<void>;

beforeEach(async () => {
  proxy = await cuttingProxy(vhost.amqpUrl);
  const config = readConfig({
    PORT: '0',
    HOOK_URL: publicUrl,
    DATABASE_URL: testDatabase.url,
    AMQP_URL: proxy.through(vhost.amqpUrl),
    CREDENTIAL_KEY_WEBHOOK: key.toString('base64'),
    MAX_BODY_BYTES: String(maxBodyBytes),
    PUBLISH_TIMEOUT_MS: '2000',
  });
  service = await startWebhooksService(config, logger);
  received = [];
  sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
  publisher = createPublisher(sessions.publishing, { logger });
  const consumer = consume(sessions.consuming, {
    queue: queues.triggers,
    prefetch: 100,
    logger,
    park: createParker(publisher),
    async handle(delivery) {
      received.push(delivery);
      return { outcome: 'done' };
    },
  });
  closeConsumer = () => consumer.close();
  await eventually(async () => expect((await get('/health/ready')).status).toBe(200), { timeoutMs: 10_000 });
});

afterEach(async () => {
  await closeConsumer();
  await publisher.close();
  await sessions.close();
  await service.close();
  await proxy.close();
});

function get(path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${service.port}${path}`);
}

function post(flowId: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${service.port}/hook/${flowId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

async function seed(fields: JsonObject, status = 'running') {
  const credentialId = newId<CredentialId>();
  const step = { id: 'step_1', component: 'webhook', operation: 'receive', credentialId };
  const flow = await seedFlow(database, { steps: [step], edges: [] }, { status });
  const { workspaceId } = flow;
  const sealed = sealCredential({ key, workspaceId, credentialId, component: 'webhook', fields });
  await seedCredential(database, { id: credentialId, workspaceId, component: 'webhook', sealed });
  return { ...flow, credentialId };
}

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('a call of a running flow', () => {
  it('is answered thank you and stored with its bytes, query, path and headers', async () => {
    const flow = await seed({ type: 'none' });
    const body = '{"petname": "Gromit",\n"petstatus":"Sold"}';
    const answer = await post(`${flow.flowId.replaceAll('-', '')}/a/b?x=1&x=2&y=`, body, { 'x-shop': 'pets' });
    expect(answer.status).toBe(200);
    const { requestId, message } = (await answer.json()) as { requestId: string; message: string };
    expect(message).toBe('thank you');
    expect(requestId).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.headers.get('x-millrace-request-id')).toBe(requestId);
    await eventually(() => expect(received).toHaveLength(1));
    const decoded = decodeTriggerMessage(received[0]!);
    expect(decoded).toMatchObject({
      ok: true,
      value: {
        flowId: flow.flowId,
        versionId: flow.versionId,
        request: { method: 'POST', path: '/a/b', query: { x: ['1', '2'], y: '' }, headers: { 'x-shop': 'pets' } },
      },
    });
    expect(decoded.ok && decoded.value.runId.replaceAll('-', '')).toBe(requestId);
    expect(received[0]!.body.toString()).toBe(body);
  });

  it('takes no request id from the caller', async () => {
    const flow = await seed({ type: 'none' });
    const answer = await post(flow.flowId, '{}', { 'x-request-id': 'mine', 'x-millrace-request-id': 'mine' });
    expect(answer.headers.get('x-millrace-request-id')).not.toBe('mine');
  });
});

describe('a flow with Basic authentication', () => {
  it('answers 401 with a challenge on every method until the credentials are right', async () => {
    const flow = await seed({ type: 'basic', username: 'wallace', password: 'chee:se' });
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(`http://127.0.0.1:${service.port}/hook/${flow.flowId}`, { method });
      expect([method, answer.status]).toEqual([method, 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    }
    expect((await post(flow.flowId, '{"broken', basic('wallace', 'wrong'))).status).toBe(401);
    expect((await post(flow.flowId, '{}', basic('wallace', 'chee:se'))).status).toBe(200);
  });

  it('lets no credential through to the broker', async () => {
    const flow = await seed({ type: 'basic', username: 'wallace', password: 'cheese' });
    await post(flow.flowId, '{}', { ...basic('wallace', 'cheese'), cookie: 'session=secret' });
    await eventually(() => expect(received).toHaveLength(1));
    expect(JSON.stringify(received[0]!.headers)).not.toMatch(/basic|secret|cheese/i);
  });
});

describe('a flow with an API key', () => {
  it('takes the key in its header or query parameter and lets neither through to the broker', async () => {
    const flow = await seed({ type: 'apiKey', headerName: 'X-Key', queryName: 'key', value: 'opensesame' });
    expect((await post(flow.flowId, '{}')).status).toBe(401);
    expect((await post(flow.flowId, '{}', { 'x-key': 'opensesam' })).status).toBe(401);
    expect((await post(flow.flowId, '{}', { 'x-key': 'opensesame' })).status).toBe(200);
    expect((await post(`${flow.flowId}?key=opensesame&page=2`, '{}')).status).toBe(200);
    await eventually(() => expect(received).toHaveLength(2));
    const requests = received.map((delivery) => decodeTriggerMessage(delivery));
    expect(requests[1]).toMatchObject({ ok: true, value: { request: { query: { page: '2' } } } });
    expect(JSON.stringify(requests)).not.toContain('opensesame');
  });
});

describe('a flow with signed calls', () => {
  const hex = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');

  it('verifies the bytes as they came, whitespace included', async () => {
    const flow = await seed({ type: 'hmac', secret: 'it is a secret', preset: 'github' });
    const body = '{ "zen":  "Keep it simple." }\n';
    const signature = `sha256=${hex('it is a secret', body)}`;
    expect((await post(flow.flowId, body, { 'x-hub-signature-256': signature })).status).toBe(200);
    expect((await post(flow.flowId, body.trim(), { 'x-hub-signature-256': signature })).status).toBe(401);
    expect((await post(flow.flowId, body)).status).toBe(401);
  });

  it('verifies the address that senders call, not the one that the call claims', async () => {
    const flow = await seed({ type: 'hmac', secret: 'key', preset: 'square' });
    const sign = (url: string) => createHmac('sha256', 'key').update(`${url}{}`).digest('base64');
    const path = `/hook/${flow.flowId}`;
    const claimed = `http://127.0.0.1:${service.port}${path}`;
    const header = 'x-square-hmacsha256-signature';
    expect((await post(flow.flowId, '{}', { [header]: sign(publicUrl + path) })).status).toBe(200);
    expect((await post(flow.flowId, '{}', { [header]: sign(claimed) })).status).toBe(401);
  });

  it("answers a sender's question whether the address is alive, and runs nothing", async () => {
    const flow = await seed({ type: 'hmac', secret: 'slack secret', preset: 'slack' });
    const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1a', token: 'x' });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${hex('slack secret', `v0:${timestamp}:${body}`)}`;
    const signed = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
    const answer = await post(flow.flowId, body, signed);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('3eZbrw1a');
    expect(answer.headers.get('x-millrace-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect((await post(flow.flowId, body, { ...signed, 'x-slack-signature': 'v0=00' })).status).toBe(401);
    expect((await post(flow.flowId, '{}', { ...signed, 'x-slack-signature': 'v0=00' })).status).toBe(401);
    expect(received).toHaveLength(0);
  });
});

describe('a call that cannot be taken', () => {
  it('gets one and the same 404 for a malformed, an unknown and a stopped flow', async () => {
    const stopped = await seed({ type: 'none' }, 'stopped');
    const bodies = new Set<string>();
    for (const flowId of ['nonsense', '%00', '%zz', 'x'.repeat(2000), newId<FlowId>(), stopped.flowId]) {
      const answer = await post(flowId, '{}');
      expect([flowId, answer.status]).toEqual([flowId, 404]);
      const { requestId, ...rest } = (await answer.json()) as Record<string, string>;
      expect(requestId).toBe(answer.headers.get('x-millrace-request-id'));
      bodies.add(JSON.stringify(rest));
    }
    expect(bodies.size).toBe(1);
  });

  it.each([
    {
      what: 'broken JSON',
      body: '{"a": 1,\n "b" 2}',
      status: 400,
      expected: { code: 'invalid_body', line: 2, column: 6 },
    },
    {
      what: 'a key that changes prototypes',
      body: '{"__proto__": {}}',
      status: 400,
      expected: { code: 'invalid_body' },
    },
    {
      what: 'another content type',
      body: 'a,b',
      headers: { 'content-type': 'text/csv' },
      status: 415,
      expected: { code: 'unsupported_media_type' },
    },
    {
      what: 'a body over the limit',
      body: 'x'.repeat(maxBodyBytes + 1),
      status: 413,
      expected: { code: 'body_too_large' },
    },
  ])('with $what is refused with the reason', async ({ body, headers, status, expected }) => {
    const flow = await seed({ type: 'none' });
    const answer = await post(flow.flowId, body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ ...expected, message: expect.any(String) });
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('with a body that grows over the limit without a length is cut off with 413', async () => {
    const flow = await seed({ type: 'none' });
    const socket = connect(service.port, '127.0.0.1');
    socket.write(
      `POST /hook/${flow.flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    for (let at = 0; at < 3; at += 1) socket.write(`${(5000).toString(16)}\r\n${' '.repeat(5000)}\r\n`);
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 413/);
  });

  it('with another method is told which one is right', async () => {
    const flow = await seed({ type: 'none' });
    const answer = await get(`/hook/${flow.flowId}`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('because its credential was deleted is refused', async () => {
    const flow = await seed({ type: 'none' });
    await database.dataSource.query('delete from credential where id = $1', [flow.credentialId]);
    expect((await post(flow.flowId, '{}')).status).toBe(401);
  });
});

describe('while the broker is away', () => {
  it('calls are answered 503 with Retry-After, and 200 again once it is back', async () => {
    const flow = await seed({ type: 'none' });
    expect((await post(flow.flowId, '{}')).status).toBe(200);
    proxy.refuse();
    proxy.cut();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(flow.flowId, '{}')));
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await get('/health/ready')).status).toBe(200);
    proxy.restore();
    await eventually(async () => expect((await post(flow.flowId, '{}')).status).toBe(200), { timeoutMs: 10_000 });
  });

  it('no call is answered 200 whose message did not arrive, however often the connection is cut', async () => {
    const flow = await seed({ type: 'none' });
    const accepted: string[] = [];
    const calling = new AbortController();
    const callers = Array.from({ length: 8 }, async () => {
      while (!calling.signal.aborted) {
        const answer = await post(flow.flowId, '{}');
        if (answer.status === 200) accepted.push(((await answer.json()) as { requestId: string }).requestId);
      }
    });
    for (let cut = 0; cut < 8; cut += 1) {
      const target = accepted.length + 30;
      await eventually(() => expect(accepted.length).toBeGreaterThan(target), { timeoutMs: 10_000 });
      proxy.cut();
    }
    calling.abort();
    await Promise.all(callers);
    await eventually(() => {
      const arrived = new Set(received.map((delivery) => delivery.messageId?.replaceAll('-', '')));
      expect(accepted.filter((requestId) => !arrived.has(requestId))).toEqual([]);
    });
  });
});

describe('a running flow', () => {
  it('is found by every call, while everything that is kept is forgotten again and again', async () => {
    const flow = await seed({ type: 'none' });
    const body = encodeInvalidation({ flowIds: [flow.flowId], credentialIds: [flow.credentialId] });
    const calling = new AbortController();
    const forgetting = (async () => {
      while (!calling.signal.aborted) {
        await publisher.publish({
          exchange: exchanges.invalidate,
          routingKey: '',
          body,
          messageId: newId(),
          mandatory: false,
        });
      }
    })();
    const statuses = new Set<number>();
    for (let call = 0; call < 300; call += 1) statuses.add((await post(flow.flowId, '{}')).status);
    calling.abort();
    await forgetting;
    expect([...statuses]).toEqual([200]);
  });
});

describe('a change that the control plane announces', () => {
  it('is effective at once', async () => {
    const flow = await seed({ type: 'none' });
    expect((await post(flow.flowId, '{}')).status).toBe(200);
    await database.dataSource.query(`update flow set status = 'stopped' where id = $1`, [flow.flowId]);
    const body = encodeInvalidation({ flowIds: [flow.flowId], credentialIds: [] });
    await publisher.publish({
      exchange: exchanges.invalidate,
      routingKey: '',
      body,
      messageId: newId(),
      mandatory: false,
    });
    await eventually(async () => expect((await post(flow.flowId, '{}')).status).toBe(404), { timeoutMs: 5_000 });
  });

  it('of a credential is effective at once', async () => {
    const flow = await seed({ type: 'none' });
    expect((await post(flow.flowId, '{}')).status).toBe(200);
    const { credentialId, workspaceId } = flow;
    const fields = { type: 'basic', username: 'a', password: 'b' };
    const sealed = sealCredential({ key, workspaceId, credentialId, component: 'webhook', fields });
    await database.dataSource.query('update credential set sealed = $2 where id = $1', [credentialId, sealed]);
    const body = encodeInvalidation({ flowIds: [], credentialIds: [credentialId] });
    await publisher.publish({
      exchange: exchanges.invalidate,
      routingKey: '',
      body,
      messageId: newId(),
      mandatory: false,
    });
    await eventually(async () => expect((await post(flow.flowId, '{}')).status).toBe(401), { timeoutMs: 5_000 });
  });
});
