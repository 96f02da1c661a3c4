import { createTestHost } from '@millrace/component-runtime';
import { descriptorOf, type Json, type JsonObject } from '@millrace/component-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { http } from './http.js';
import { expressions } from './paging.js';
import { json, startPeer, type Peer, type Received } from './peer.fixture.js';

const host = createTestHost(http, { env: { OUTGOING_ALLOW: '127.0.0.1' } });
const guarded = createTestHost(http);
let peer: Peer;
beforeAll(async () => {
  peer = await startPeer();
});
beforeEach(() => {
  peer.received = [];
  peer.answer = () => json({ ok: true });
});
afterAll(async () => {
  await Promise.all([host.close(), guarded.close(), expressions.close()]);
  await peer.close();
});

interface Called {
  config?: JsonObject;
  credential?: JsonObject;
  on?: typeof host;
}

async function call(input: JsonObject, { config = {}, credential, on = host }: Called = {}): Promise<Json[]> {
  const step = { input: { url: `${peer.url}/things`, ...input } as Json, config, timeoutMs: 20_000 };
  const { outcome, logs } = await on.run('request', { ...step, ...(credential && { credential }) });
  if (outcome.kind === 'succeeded') return outcome.outputs;
  if (outcome.kind !== 'failed') throw new Error(`it is ${outcome.kind}`);
  const failure = { ...outcome.error, retry: outcome.retry };
  expect(JSON.stringify([failure, logs])).not.toContain('hidden');
  return [failure];
}

const last = (): Received => peer.received.at(-1)!;

describe('a request', () => {
  it('has the method, address, query, headers and body that are mapped', async () => {
    const [output] = await call({
      method: 'PATCH',
      url: `${peer.url}/things?a=1`,
      query: { b: 'x y', c: 2, d: ['1', '2'], e: true },
      headers: { 'X-Tenant': 'a' },
      body: { pet: 'Grömit' },
    });
    expect(last()).toMatchObject({
      method: 'PATCH',
      path: '/things?a=1&b=x+y&c=2&d=1&d=2&e=true',
      headers: { 'x-tenant': 'a', 'content-type': 'application/json' },
      body: '{"pet":"Grömit"}',
    });
    expect(output).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { ok: true },
      bodyType: 'json',
      page: 1,
    });
  });

  it.each<[string, Json, string, string]>([
    [
      'form',
      { a: 'x y', list: ['1', '2'], n: 3, none: null },
      'application/x-www-form-urlencoded',
      'a=x+y&list=1&list=2&n=3',
    ],
    ['text', '<pet/>', 'text/plain; charset=utf-8', '<pet/>'],
    ['text', { a: 1 }, 'text/plain; charset=utf-8', '{"a":1}'],
    ['base64', Buffer.from('bytes').toString('base64'), 'application/octet-stream', 'bytes'],
    ['json', 'text', 'application/json', '"text"'],
  ])('sends a body as %s', async (bodyType, body, contentType, sent) => {
    await call({ method: 'POST', body }, { config: { bodyType } });
    expect(last()).toMatchObject({ headers: { 'content-type': contentType }, body: sent });
    await call({ method: 'POST', body, headers: { 'Content-Type': 'x/y' } }, { config: { bodyType } });
    expect(last().headers['content-type']).toBe('x/y');
  });

  it('sends no body where there is none, and refuses one that cannot be sent so', async () => {
    await call({ method: 'POST', body: null });
    expect(last()).toMatchObject({ body: '' });
    for (const [bodyType, body] of [
      ['form', [1]],
      ['base64', 'not base64!'],
      ['base64', { a: 1 }],
    ] as const) {
      expect(await call({ method: 'POST', body: body as Json }, { config: { bodyType } })).toMatchObject([
        { code: 'invalid_input', retry: { kind: 'never' } },
      ]);
    }
    expect(peer.received).toHaveLength(1);
  });

  it('takes an idempotency key along, where a header for it is set', async () => {
    await call({ method: 'POST', body: {} }, { config: { idempotencyHeader: 'Idempotency-Key' } });
    expect(last().headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}:step_1:$/);
  });
});

describe('an answer', () => {
  it.each<[string | undefined, string, Json, string]>([
    ['application/problem+json; charset=utf-8', '{"a":1}', { a: 1 }, 'json'],
    ['text/html', '<p>', '<p>', 'text'],
    ['application/soap+xml', '<a/>', '<a/>', 'text'],
    ['image/png', 'PNG', Buffer.from('PNG').toString('base64'), 'base64'],
    [undefined, 'plain', 'plain', 'text'],
    ['application/json', '', null, 'none'],
  ])('of the type %s is read as what it is', async (type, body, value, bodyType) => {
    peer.answer = () => ({ body, ...(type === undefined ? {} : { headers: { 'content-type': type } }) });
    expect(await call({})).toMatchObject([{ body: value, bodyType }]);
  });

  it('is read as it is set, and one that is no JSON then fails for good', async () => {
    peer.answer = () => ({ headers: { 'content-type': 'text/plain' }, body: '[1]' });
    expect(await call({}, { config: { answerType: 'json' } })).toMatchObject([{ body: [1] }]);
    peer.answer = () => ({ headers: { 'content-type': 'application/json' }, body: '<html>' });
    expect(await call({})).toMatchObject([{ code: 'peer_answer_unreadable', retry: { kind: 'never' } }]);
    expect(await call({}, { config: { answerType: 'text' } })).toMatchObject([{ body: '<html>' }]);
  });

  it('of another status succeeds only where that counts as success', async () => {
    peer.answer = () => json({ message: 'no such thing' }, { status: 404 });
    expect(await call({})).toMatchObject([
      { code: 'peer_refused', message: expect.stringContaining('answered 404: no such thing') as string },
    ]);
    expect(await call({}, { config: { successStatuses: ['2xx', '404'] } })).toMatchObject([{ status: 404 }]);
    peer.answer = () => json({ message: 'half done' }, { status: 202 });
    expect(await call({}, { config: { successStatuses: ['200', '201'] } })).toMatchObject([
      {
        code: 'status_unexpected',
        message: expect.stringMatching(/answered 202, and only 200, 201 count as success: half done$/) as string,
        retry: { kind: 'never' },
      },
    ]);
  });

  it.each([
    [429, { 'retry-after': '30' }, { kind: 'after', afterMs: 30_000 }],
    [503, { 'retry-after': '60' }, { kind: 'after', afterMs: 60_000 }],
    [500, {}, { kind: 'policy' }],
    [401, {}, { kind: 'never' }],
  ])('with %i says whether and when another attempt can help', async (status, headers, retry) => {
    peer.answer = () => json({ error: 'because' }, { status, headers });
    const [failure] = await call({ method: 'POST' });
    expect(failure).toMatchObject({ message: expect.stringContaining(`answered ${status}: because`) as string, retry });
  });

  it('that is too large or too late fails in words', async () => {
    peer.answer = () => ({ body: Buffer.alloc(11 * 1024 * 1024, 'x') });
    expect(await call({})).toMatchObject([{ code: 'peer_answer_too_large', retry: { kind: 'never' } }]);
    peer.answer = () => new Promise((resolve) => setTimeout(resolve, 2_000, {}));
    expect(await call({}, { config: { timeoutSeconds: 1 } })).toMatchObject([
      { code: 'peer_unavailable', message: expect.stringContaining('no answer within 1000 ms') as string },
    ]);
  });

  it('that points elsewhere is not followed', async () => {
    peer.answer = () => ({ status: 301, headers: { location: 'https://new.example/things?secret=hidden' } });
    expect(await call({})).toMatchObject([
      { code: 'redirected', message: expect.stringContaining('points to https://new.example/things:') as string },
    ]);
    expect(peer.received).toHaveLength(1);
  });
});

describe('a credential', () => {
  it.each<[JsonObject, Partial<Received['headers']>, string]>([
    [
      { type: 'basic', username: 'wällace', password: 'hidden' },
      { authorization: `Basic ${Buffer.from('wällace:hidden').toString('base64')}` },
      '/things',
    ],
    [{ type: 'bearer', token: 'hidden' }, { authorization: 'Bearer hidden' }, '/things'],
    [{ type: 'apiKey', name: 'X-Api-Key', value: 'hidden' }, { 'x-api-key': 'hidden' }, '/things'],
    [{ type: 'apiKey', in: 'query', name: 'key', value: 'hidden' }, {}, '/things?key=hidden'],
  ])('goes where it belongs: %j', async (credential, headers, path) => {
    await call({ headers: { Authorization: 'mine' } }, { credential });
    expect(last()).toMatchObject({ path, headers });
    peer.answer = () => json({ error: 'the key hidden is wrong' }, { status: 401 });
    expect(await call({}, { credential })).toMatchObject([{ code: 'peer_refused' }]);
  });

  it('goes to its own hosts only', async () => {
    const credential = (hosts: string[]): JsonObject => ({ type: 'bearer', token: 'hidden', hosts });
    for (const hosts of [['127.0.0.1'], [new URL(peer.url).host], ['*.0.0.1', 'other.example']]) {
      expect(await call({}, { credential: credential(hosts) })).toMatchObject([{ status: 200 }]);
    }
    const received = peer.received.length;
    for (const hosts of [['api.example.com'], ['27.0.0.1'], ['127.0.0.1:1']]) {
      expect(await call({}, { credential: credential(hosts) })).toMatchObject([{ code: 'credential_not_for_host' }]);
    }
    expect(peer.received).toHaveLength(received);
  });
});

describe('paging', () => {
  const pages = [['a', 'b'], ['c'], ['d', 'e']];
  beforeEach(() => {
    peer.answer = ({ path }) => {
      const cursor = Number(new URL(path, peer.url).searchParams.get('cursor') ?? 0);
      return json({ things: pages[cursor], next: cursor < 2 ? cursor + 1 : null });
    };
  });
  const byCursor = 'body.next ? { "query": { "cursor": body.next } }';

  it('asks for the next page until there is none, and emits each', async () => {
    const outputs = await call(
      { query: { size: 2 }, headers: { 'x-a': '1' } },
      { config: { paging: { next: byCursor } } },
    );
    expect(outputs).toMatchObject(pages.map((things, at) => ({ body: { things }, page: at + 1 })));
    expect(peer.received.map(({ path }) => path)).toEqual([
      '/things?size=2',
      '/things?size=2&cursor=1',
      '/things?size=2&cursor=2',
    ]);
    expect(peer.received.every(({ headers }) => headers['x-a'] === '1')).toBe(true);
  });

  it('emits each item where that is set', async () => {
    const paging = { next: byCursor, emit: 'items', items: 'body.things' };
    expect(await call({}, { config: { paging } })).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((item, index) => ({ item, index, page: [1, 1, 2, 3, 3][index] })),
    );
  });

  it('ends at the number of pages that is set', async () => {
    expect(await call({}, { config: { paging: { next: byCursor, maxPages: 2 } } })).toHaveLength(2);
    expect(peer.received).toHaveLength(2);
  });

  it('goes on with a URL that the answer gives, relative or whole, and with the same credential', async () => {
    peer.answer = ({ path }) =>
      path === '/things'
        ? json([1], { headers: { link: `<${peer.url}/things/2?x=1>; rel="next"` } })
        : json([2], path.startsWith('/things/2') ? { headers: { link: '</things/3>; rel="next"' } } : {});
    const next = '$match(headers.link, /<([^>]*)>; rel="next"/).groups[0]';
    const outputs = await call({}, { config: { paging: { next } }, credential: { type: 'bearer', token: 'hidden' } });
    expect(outputs.map((output) => (output as JsonObject)['body'])).toEqual([[1], [2], [2]]);
    expect(peer.received.map(({ path }) => path)).toEqual(['/things', '/things/2?x=1', '/things/3']);
    expect(peer.received.every(({ headers }) => headers.authorization === 'Bearer hidden')).toBe(true);
  });

  it.each([
    ['"https://other.example/x"', 'paging_left_host'],
    ['$$.request.url', 'paging_repeats'],
    ['{ "query": request.query }', 'paging_repeats'],
    ['{ "page": 2 }', 'next_request_invalid'],
    ['42', 'next_request_invalid'],
    ['"http://"', 'next_request_invalid'],
    ['body.things + 1', 'expression_failed'],
  ])('fails for good where the next request is %s', async (next, code) => {
    expect(await call({}, { config: { paging: { next } } })).toMatchObject([{ code, retry: { kind: 'never' } }]);
    expect(peer.received).toHaveLength(1);
  });
});

it('never reaches the inside of the network', async () => {
  for (const url of [peer.url, 'http://[::ffff:127.0.0.1]/', 'http://169.254.169.254/latest/meta-data']) {
    expect(await call({ url }, { on: guarded })).toMatchObject([{ code: 'address_refused', retry: { kind: 'never' } }]);
  }
  expect(peer.received).toEqual([]);
});

it.each([
  { url: 'file:///etc/passwd' },
  { url: 'nonsense' },
  { headers: { Host: 'x' } },
  { headers: { 'transfer-encoding': 'chunked' } },
  { headers: { 'x-a': 'b\r\nx: y' } },
  { method: 'CONNECT' },
])('refuses %j before a call is made', async (input) => {
  expect(await call(input as JsonObject)).toMatchObject([{ code: 'invalid_input' }]);
  expect(peer.received).toEqual([]);
});

it('refuses a user and a password in the address', async () => {
  const url = peer.url.replace('http://', 'http://user:hidden@');
  expect(await call({ url })).toMatchObject([{ code: 'address_invalid' }]);
});

it('explains every field, and marks every secret', () => {
  const { credentials, operations } = descriptorOf(http);
  const types = credentials?.fields['oneOf'] as { properties: Record<string, JsonObject> }[];
  const fields = types.flatMap(({ properties }) => Object.entries(properties));
  expect(fields.filter(([, field]) => !field['description'])).toEqual([]);
  expect(fields.filter(([, field]) => field['writeOnly'] === true).map(([name]) => name)).toEqual([
    'password',
    'token',
    'value',
  ]);
  const [operation] = operations;
  for (const schema of [operation!.config, operation!.input] as { properties: Record<string, JsonObject> }[]) {
    expect(Object.entries(schema.properties).filter(([, field]) => !field['description'])).toEqual([]);
  }
  expect(credentials?.required).toBe(false);
});
