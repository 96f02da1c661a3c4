import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestHost } from '@millrace/component-runtime';
import type { Json, JsonObject } from '@millrace/component-sdk';
import { createAuthenticator } from '@millrace/signatures';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { webhook } from './webhook.js';

interface Received {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

let server: Server;
let url: string;
let received: Received[];
let answer: { status: number; headers?: Record<string, string>; body?: string };

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(chunks) });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  received = [];
  answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' };
});

const host = createTestHost(webhook, { env: { OUTGOING_ALLOW: '127.0.0.1' } });
const guarded = createTestHost(webhook);
afterAll(async () => {
  await host.close();
  await guarded.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function send(input: JsonObject, credential?: JsonObject, on = host): Promise<unknown> {
  const step = { input: { url: `${url}/hook?a=1`, ...input } as Json, ...(credential && { credential }) };
  const { outcome } = await on.run('send', step);
  if (outcome.kind === 'failed') return { ...outcome.error, retry: outcome.retry };
  return outcome.kind === 'succeeded' ? outcome.outputs[0] : outcome;
}

const only = (): Received => {
  expect(received).toHaveLength(1);
  return received[0]!;
};

describe('a call', () => {
  it('is sent as it is mapped, and its answer is the output', async () => {
    const output = await send({ method: 'PUT', headers: { 'X-Tenant': 'a' }, body: { pet: 'Gromit', n: [1] } });
    expect(only()).toMatchObject({
      method: 'PUT',
      path: '/hook?a=1',
      headers: { 'x-tenant': 'a', 'content-type': 'application/json', 'user-agent': 'millrace' },
    });
    expect(received[0]!.body.toString()).toBe('{"pet":"Gromit","n":[1]}');
    expect(output).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { ok: true },
      bodyType: 'json',
    });
  });

  it('sends a text as it is, nothing where nothing is mapped, and takes any answer', async () => {
    answer = { status: 204 };
    expect(await send({ body: '<pet/>', headers: { 'content-type': 'application/xml' } })).toMatchObject({
      status: 204,
      body: null,
      bodyType: 'none',
    });
    expect(only()).toMatchObject({ headers: { 'content-type': 'application/xml' }, body: Buffer.from('<pet/>') });
    answer = { status: 202, headers: { 'content-type': 'image/png' }, body: 'bytes' };
    expect(await send({})).toMatchObject({ body: Buffer.from('bytes').toString('base64'), bodyType: 'base64' });
    expect(received[1]).toMatchObject({ method: 'POST', body: Buffer.alloc(0) });
  });
});

describe('a signed call', () => {
  const credentials: JsonObject[] = [
    { type: 'basic', username: 'wallace', password: 'cheese:1' },
    { type: 'apiKey', headerName: 'X-Api-Key', value: 'hidden-key' },
    { type: 'hmac', secret: 'hidden', header: 'X-Sig', algorithm: 'sha512', encoding: 'base64', prefix: 's=' },
    { type: 'hmac', secret: 'hidden', timestampHeader: 'X-Time', signedContent: '{method} {url} {timestamp}.{body}' },
    { type: 'hmac', preset: 'github', secret: 'hidden' },
    { type: 'hmac', preset: 'stripe', secret: 'whsec_hidden' },
    { type: 'hmac', preset: 'standard-webhooks', secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` },
  ];

  it.each(credentials)('is authentic to who has the same credential: $type $preset', async (credential) => {
    await send({ body: { pet: 'Grömit' } }, credential);
    const { method, path, headers, body } = only();
    const authenticate = createAuthenticator(credential, { clock: Date.now });
    expect(authenticate({ method, url: url + path, headers, body })).toEqual({ outcome: 'authentic' });
    expect(authenticate({ method, url: url + path, headers: {}, body })).toMatchObject({ outcome: 'refused' });
  });

  it('of Standard Webhooks has the id of its step, the same for every attempt', async () => {
    const credential = credentials.at(-1)!;
    await send({ body: {} }, credential);
    const { headers } = only();
    expect(headers['webhook-id']).toBe(String(headers['idempotency-key']).replaceAll('.', '-'));
    expect(headers['webhook-timestamp']).toMatch(/^\d{10}$/);
  });

  it('says for good why it cannot be signed', async () => {
    const discord = { type: 'hmac', preset: 'discord', secret: 'ab'.repeat(32) };
    expect(await send({}, discord)).toMatchObject({
      code: 'credential_invalid',
      message: expect.stringContaining('private key') as string,
      retry: { kind: 'never' },
    });
    expect(received).toEqual([]);
  });
});

describe('a call that fails', () => {
  it.each([
    [410, {}, 'receiver_gone', { kind: 'never' }],
    [400, {}, 'peer_refused', { kind: 'never' }],
    [302, { location: 'https://other.example/x?secret=1' }, 'redirected', { kind: 'never' }],
    [429, { 'retry-after': '7' }, 'rate_limited', { kind: 'after', afterMs: 7_000 }],
    [429, {}, 'peer_unavailable', { kind: 'policy' }],
    [503, { 'retry-after': '60' }, 'rate_limited', { kind: 'after', afterMs: 60_000 }],
    [500, {}, 'peer_unavailable', { kind: 'policy' }],
  ])('with %i is tried again as that says, by the step and not within it', async (status, headers, code, retry) => {
    answer = { status, headers, body: 'because' };
    const failure = await send({ body: {} }, { type: 'apiKey', headerName: 'X-Api-Key', value: 'hidden-key' });
    expect(failure).toMatchObject({
      code,
      retry,
      message: expect.stringContaining(`${url}/hook answered ${status}`) as string,
    });
    expect(JSON.stringify(failure)).not.toMatch(/hidden-key|secret=1|a=1/);
    expect(received).toHaveLength(1);
  });

  it('never reaches the inside of the network', async () => {
    expect(await send({}, undefined, guarded)).toMatchObject({ code: 'address_refused', retry: { kind: 'never' } });
    expect(received).toEqual([]);
  });

  it.each([
    { url: 'ftp://host/x' },
    { url: 'nonsense' },
    { headers: { Host: 'x' } },
    { headers: { 'Content-Length': '1' } },
    { headers: { 'x-a': 'b\r\nx-c: d' } },
    { method: 'TRACE' },
  ])('is refused before it is made: %j', async (input) => {
    expect(await send(input)).toMatchObject({ code: 'invalid_input', retry: { kind: 'never' } });
    expect(received).toEqual([]);
  });
});
