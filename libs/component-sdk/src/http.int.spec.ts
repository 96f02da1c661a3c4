import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StepAbort } from './abort.js';
import { OperationError, PeerUnavailableError, RetryAfterError, TerminalError } from './errors.js';
import { parseOutgoingAllow } from '@millrace/outgoing';
import { createHttp, type Http, type HttpRecord } from './http.js';
import { createHttpPools } from './http-pools.js';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

const pools = createHttpPools({ settings: {}, rules: parseOutgoingAllow('127.0.0.1').rules });
const records: HttpRecord[] = [];
const seen: Seen[] = [];
/** How often a call with a `key` has failed: it does so `times` times. */
const failures = new Map<string, number>();
let sockets = 0;
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      const url = new URL(request.url ?? '/', 'http://x');
      if (url.pathname === '/hang') return;
      const key = url.searchParams.get('key') ?? '';
      const failing = Number(url.searchParams.get('times') ?? Infinity);
      const failed = failures.get(key) ?? 0;
      failures.set(key, failed + 1);
      if (url.pathname === '/cut' && failed < failing) return void request.socket.destroy();
      const status = failed < failing ? Number(url.searchParams.get('status') ?? 200) : 200;
      const after = url.searchParams.get('after');
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(after === null ? {} : { 'retry-after': after }),
        ...(status === 302 ? { location: '/elsewhere' } : {}),
      });
      response.end(JSON.stringify({ message: 'because of the moon' }));
    });
  });
  server.on('connection', () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  seen.length = 0;
  records.length = 0;
});

afterAll(async () => {
  await pools.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const http = client();

function client(abort = new StepAbort(), deadlineAt = Date.now() + 60_000): Http {
  return createHttp({ pools, abort, deadlineAt, record: (record) => records.push(record) });
}

async function failure(call: Promise<unknown>): Promise<OperationError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OperationError) return error;
  throw new Error(`not an OperationError: ${String(error)}`);
}

describe('the HTTP client of a step', () => {
  it('sends JSON, query and headers and reads JSON', async () => {
    const answer = await http.post(`${base}/pet?a=1`, {
      json: { name: 'Gromit' },
      query: { b: [2, 3].map(String), c: undefined, d: true },
      headers: { 'Api-Key': 'k' },
    });
    expect(answer.json(z.object({ message: z.string() }))).toEqual({ message: 'because of the moon' });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/pet?a=1&b=2&b=3&d=true',
      body: '{"name":"Gromit"}',
      headers: { 'api-key': 'k', 'content-type': 'application/json', 'user-agent': 'millrace' },
    });
  });

  it('keeps connections alive', async () => {
    const before = sockets;
    for (let i = 0; i < 20; i += 1) await http.get(`${base}/pet`);
    expect(sockets - before).toBeLessThanOrEqual(1);
  });

  it.each([400, 401, 404, 409, 422, 302])('makes a TerminalError of %i with the reason of the peer', async (status) => {
    const error = await failure(http.get(`${base}/pet?status=${status}&token=t0p`));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toBe(`GET ${base}/pet answered ${status}: because of the moon`);
    expect(error.detail).toEqual({ status });
  });

  it.each([500, 502, 503, 408, 429])('leaves %i to the retry policy', async (status) => {
    const error = await failure(http.get(`${base}/pet?status=${status}`));
    expect(error).toBeInstanceOf(PeerUnavailableError);
    expect(error.message).toBe(`GET ${base}/pet answered ${status}: because of the moon`);
  });

  it.each([429, 503])('makes a RetryAfterError of %i with Retry-After', async (status) => {
    const error = await failure(http.get(`${base}/pet?status=${status}&after=12`));
    expect(error).toBeInstanceOf(RetryAfterError);
    expect(error.retry).toEqual({ kind: 'after', afterMs: 12_000 });
  });

  it('makes a time that can be told of whatever Retry-After says', async () => {
    const error = await failure(http.get(`${base}/pet?status=429&after=${'9'.repeat(20)}`));
    expect(error.retry).toEqual({ kind: 'after', afterMs: Number.MAX_SAFE_INTEGER });
    const endless = await failure(http.get(`${base}/pet?status=429&after=${'9'.repeat(400)}`));
    expect(endless.retry).toEqual({ kind: 'policy' });
  });

  it('returns an accepted status', async () => {
    const answer = await http.get(`${base}/pet?status=404`, { accept: [404] });
    expect([answer.status, answer.reason]).toEqual([404, 'because of the moon']);
  });

  it('tells the real cause of a connection that is refused or cut, without user, password and query', async () => {
    const refused = await failure(http.get('http://user:hunter2@127.0.0.1:1/pet?token=hunter2'));
    expect(refused).toBeInstanceOf(PeerUnavailableError);
    expect(refused.message).toBe('GET http://127.0.0.1:1/pet: connect ECONNREFUSED 127.0.0.1:1');
    expect((await failure(http.get(`${base}/cut`))).message).toBe(`GET ${base}/cut: other side closed`);
  });

  it('ends with the step and throws what ended it', async () => {
    const reason = new Error('the step ran out of time');
    const abort = new StepAbort();
    const call = client(abort).get(`${base}/hang`);
    setTimeout(() => abort.abort(reason), 30);
    await expect(call).rejects.toBe(reason);
    await expect(client(abort).get(`${base}/pet`)).rejects.toBe(reason);
  });

  it('calls nobody once the step is over', async () => {
    const http = createHttp({
      pools,
      abort: new StepAbort(),
      deadlineAt: Date.now() + 60_000,
      record: () => undefined,
    });
    http.end();
    await expect(http.get(base)).rejects.toThrow('The step is over');
    expect(seen).toEqual([]);
  });

  it('gives up on a silent peer', async () => {
    const error = await failure(http.get(`${base}/hang`, { timeoutMs: 200 }));
    expect(error).toBeInstanceOf(PeerUnavailableError);
    expect(error.message).toBe(`GET ${base}/hang: no answer within 200 ms`);
  });

  it('refuses what is no web address and headers that cannot be sent, without showing them', async () => {
    expect((await failure(http.get('nonsense hunter2'))).message).toBe('The address to call is not a URL');
    expect((await failure(http.get('file:///etc/passwd'))).message).toMatch(/must be http or https, not file:/);
    const error = await failure(http.get(`${base}/pet`, { headers: { 'api-key': 'hunter2\r\nx: y' } }));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toMatch(/invalid api-key header/);
    expect(error.message).not.toContain('hunter2');
  });

  it('sends forms', async () => {
    await http.post(`${base}/form`, { form: { name: 'Grömit & co', tags: ['a', 'b'], age: 3, none: undefined } });
    expect(seen[0]).toMatchObject({
      body: 'name=Gr%C3%B6mit+%26+co&tags=a&tags=b&age=3',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  });

  it('sends bodies and files of a form as they come in, with a length where all sizes are known', async () => {
    async function* content(): AsyncGenerator<Buffer> {
      yield Buffer.from('first ');
      yield Buffer.from('second');
    }
    await http.post(`${base}/raw`, { body: content(), headers: { 'content-type': 'text/plain' } });
    expect(seen[0]).toMatchObject({ body: 'first second', headers: { 'transfer-encoding': 'chunked' } });
    const file = { name: 'photo', filename: 'a.txt', contentType: 'text/plain', content: content(), size: 12 };
    await http.post(`${base}/multipart`, { multipart: [{ name: 'title', value: 'Grömit' }, file] });
    const headers = seen[1]?.headers ?? {};
    const body = seen[1]?.body ?? '';
    const form = await new Response(body, { headers: { 'content-type': String(headers['content-type']) } }).formData();
    expect(form.get('title')).toBe('Grömit');
    const photo = form.get('photo') as File;
    expect([photo.name, photo.type, await photo.text()]).toEqual(['a.txt', 'text/plain', 'first second']);
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(body));
  });

  it('fails with what a stream that is sent failed of', async () => {
    const reason = new TerminalError('The source is no picture');
    async function* content(): AsyncGenerator<Buffer> {
      yield Buffer.from('first');
      throw reason;
    }
    await expect(http.post(`${base}/raw`, { body: content() })).rejects.toBe(reason);
    const file = { name: 'photo', filename: 'a', content: content() };
    await expect(http.post(`${base}/multipart`, { multipart: [file] })).rejects.toBe(reason);
  });

  it('says that a stream was not as long as was said', async () => {
    const file = { name: 'photo', filename: 'a', content: new Blob(['abc']).stream(), size: 4 };
    const error = await failure(http.post(`${base}/multipart`, { multipart: [file] }));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toMatch(/content-length/i);
  });

  it('refuses an answer that is too large', async () => {
    const error = await failure(http.get(`${base}/pet`, { maxBytes: 10 }));
    expect(error).toMatchObject({ name: 'TerminalError', code: 'peer_answer_too_large' });
    expect(error.message).toBe(`GET ${base}/pet: the answer is larger than 10 bytes`);
  });

  it('refuses an address that is neither public, nor allowed, nor of the settings', async () => {
    const { port } = new URL(base);
    const error = await failure(http.get(`http://127.0.0.2:${port}/pet?token=hunter2`));
    expect(error).toMatchObject({ name: 'TerminalError', code: 'address_refused' });
    expect(error.message).toBe(
      `GET http://127.0.0.2:${port}/pet: 127.0.0.2 is an address of the machine itself, and Millrace calls only the public internet: the operator can allow it with OUTGOING_ALLOW`,
    );
    const own = createHttpPools({
      settings: { PETS: { urls: [`http://127.0.0.2:${port}/v2`] }, KEY: 'https' },
      rules: parseOutgoingAllow('').rules,
    });
    try {
      const step = createHttp({ pools: own, abort: new StepAbort(), deadlineAt: Date.now() + 5_000, record() {} });
      expect((await failure(step.get(`http://127.0.0.3:${port}/pet`))).code).toBe('address_refused');
      expect((await failure(step.get(`http://127.0.0.2:${Number(port) + 1}/pet`))).code).toBe('address_refused');
      // Nobody listens there, and it was called.
      expect((await failure(step.get(`http://127.0.0.2:${port}/pet`))).message).toContain('ECONNREFUSED');
    } finally {
      await own.close();
    }
  });
});

describe('a call that fails', () => {
  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const)('is repeated when it is a %s', async (method) => {
    const answer = await http.request(method, `${base}/pet?status=503&times=2&key=${method}`);
    expect(answer.status).toBe(200);
    expect(records.map(({ call, status }) => [call, status])).toEqual([
      [`${method} ${base}/pet`, 503],
      [`${method} ${base}/pet`, 503],
      [`${method} ${base}/pet`, 200],
    ]);
  });

  it('is not repeated when it may not be: POST and PATCH, and streams', async () => {
    await failure(http.post(`${base}/pet?status=503&key=post`, { json: {} }));
    await failure(http.patch(`${base}/pet?status=503&key=patch`, { json: {} }));
    await failure(http.put(`${base}/pet?status=503&key=stream`, { body: new Blob(['x']).stream() }));
    await failure(http.get(`${base}/pet?status=503&key=off`, { retry: false }));
    expect(records).toHaveLength(4);
  });

  it('is repeated when the author says so or sends an idempotency key', async () => {
    expect((await http.post(`${base}/cut?times=1&key=a`, { json: {}, retry: true })).status).toBe(200);
    expect((await http.post(`${base}/cut?times=1&key=b`, { json: {}, idempotencyKey: 'run:step_2' })).status).toBe(200);
    expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual([
      undefined,
      undefined,
      'run:step_2',
      'run:step_2',
    ]);
    expect(records.map(({ status }) => status)).toEqual([undefined, 200, undefined, 200]);
  });

  it('waits as long as a peer asks if that is short, and else leaves it to the step', async () => {
    const startedAt = performance.now();
    expect((await http.get(`${base}/pet?status=429&times=1&key=short&after=1`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    await expect(http.get(`${base}/pet?status=429&times=1&key=long&after=3`)).rejects.toBeInstanceOf(RetryAfterError);
  });

  it('is not repeated beyond the end of the step', async () => {
    const abort = new StepAbort();
    const error = await failure(client(abort, Date.now() + 150).get(`${base}/pet?status=503`));
    expect(error).toBeInstanceOf(PeerUnavailableError);
    expect(records.length).toBeLessThan(3);
    const ending = client(abort).get(`${base}/pet?status=503`);
    const reason = new Error('the step ran out of time');
    setTimeout(() => abort.abort(reason), 50);
    await expect(ending).rejects.toBe(reason);
  });

  it('leaves neither query nor password in the records', async () => {
    await failure(http.get(`${base.replace('//', '//user:hunter2@')}/pet?status=404&token=hunter2`));
    expect(records).toEqual([{ call: `GET ${base}/pet`, status: 404, durationMs: expect.any(Number) as number }]);
  });
});
