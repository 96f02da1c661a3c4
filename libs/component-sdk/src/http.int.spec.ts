import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { StepAbort } from './abort.js';
import { OperationError, PeerUnavailableError, RetryAfterError, TerminalError } from './errors.js';
import { createHttp, createHttpPool } from './http.js';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

const pool = createHttpPool();
const seen: Seen[] = [];
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
      if (url.pathname === '/cut') return void request.socket.destroy();
      const status = Number(url.searchParams.get('status') ?? 200);
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
});

afterAll(async () => {
  await pool.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const http = createHttp(pool, new StepAbort());

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
    const error = await failure(http.get(`${base}/pet?status=429&after=${'9'.repeat(400)}`));
    expect(error.retry).toEqual({ kind: 'after', afterMs: Number.MAX_SAFE_INTEGER });
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
    const call = createHttp(pool, abort).get(`${base}/hang`);
    setTimeout(() => abort.abort(reason), 30);
    await expect(call).rejects.toBe(reason);
    await expect(createHttp(pool, abort).get(`${base}/pet`)).rejects.toBe(reason);
  });

  it('gives up on a silent peer', async () => {
    const error = await failure(http.get(`${base}/hang`, { timeoutMs: 200 }));
    expect(error).toBeInstanceOf(PeerUnavailableError);
    expect(error.message).toMatch(/Headers Timeout/);
  });

  it('refuses what is no web address and headers that cannot be sent, without showing them', async () => {
    expect((await failure(http.get('nonsense hunter2'))).message).toBe('The address to call is not a URL');
    expect((await failure(http.get('file:///etc/passwd'))).message).toMatch(/must be http or https, not file:/);
    const error = await failure(http.get(`${base}/pet`, { headers: { 'api-key': 'hunter2\r\nx: y' } }));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.message).toMatch(/invalid api-key header/);
    expect(error.message).not.toContain('hunter2');
  });
});
