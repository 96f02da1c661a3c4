import { createServer, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { AddressInfo } from 'node:net';
import { parseOutgoingAllow } from '@millrace/outgoing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StepAbort } from './abort.js';
import { TerminalError } from './errors.js';
import { createHttp } from './http.js';
import { createHttpPools } from './http-pools.js';

const piece = Buffer.alloc(64 * 1024, 'x');
const pools = createHttpPools({ settings: {}, rules: parseOutgoingAllow('127.0.0.1').rules });
let server: Server;
let base: string;
let answering: ServerResponse | undefined;
let unanswered = 0;
let sentPieces = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    answering = response;
    unanswered += 1;
    response.on('close', () => (unanswered -= 1));
    const url = new URL(request.url ?? '/', 'http://x');
    if (url.pathname === '/refuse') {
      response.writeHead(404, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ message: 'no such file', padding: 'x'.repeat(1_000_000) }));
    }
    const pieces = Number(url.searchParams.get('pieces'));
    response.writeHead(200, pieces < 10 ? { 'content-length': pieces * piece.length } : {});
    const content = Readable.from(
      (function* () {
        for (sentPieces = 0; sentPieces < pieces; sentPieces += 1) yield piece;
      })(),
    );
    content.pipe(response, { end: url.pathname === '/' });
    if (url.pathname === '/cut') content.on('end', () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await pools.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function client(abort = new StepAbort()): ReturnType<typeof createHttp> {
  return createHttp({ pools, abort, deadlineAt: Date.now() + 60_000, record: () => undefined });
}

async function sizeOf(body: AsyncIterable<Buffer>): Promise<number> {
  let size = 0;
  for await (const chunk of body) size += chunk.length;
  return size;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a streamed answer', () => {
  it('comes in as it is read, with status, headers and size', async () => {
    const answer = await client().stream('GET', `${base}/?pieces=5`);
    expect([answer.status, answer.size, answer.header('Content-Length')]).toEqual([200, 327_680, '327680']);
    expect(await sizeOf(answer.body)).toBe(327_680);
    const chunked = await client().stream('GET', `${base}/?pieces=40`);
    expect(chunked.size).toBeUndefined();
    expect(await sizeOf(chunked.body)).toBe(40 * piece.length);
  });

  it('is sent no faster than it is read', async () => {
    const answer = await client().stream('GET', `${base}/?pieces=1000`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // What the buffers of the two sockets hold, and no more.
    expect(sentPieces).toBeLessThan(500);
    expect(await sizeOf(answer.body)).toBe(1000 * piece.length);
  });

  it('breaks off when it outgrows its cap, and its connection with it', async () => {
    const answer = await client().stream('GET', `${base}/?pieces=1000`, { maxBytes: 1_000_000 });
    const error: unknown = await sizeOf(answer.body).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({
      code: 'peer_answer_too_large',
      message: `GET ${base}/: the answer is larger than 1000000 bytes`,
    });
    await until(() => unanswered === 0);
  });

  it('says that the peer broke it off or fell silent', async () => {
    const cut = await client().stream('GET', `${base}/cut?pieces=20`);
    await expect(sizeOf(cut.body)).rejects.toMatchObject({ name: 'PeerUnavailableError' });
    const silent = await client().stream('GET', `${base}/silent?pieces=20`, { timeoutMs: 2_000 });
    await expect(sizeOf(silent.body)).rejects.toMatchObject({ name: 'PeerUnavailableError' });
  });

  it('ends with the step, and when its reader is through with it', async () => {
    const abort = new StepAbort();
    const reason = new Error('the step ran out of time');
    const answer = await client(abort).stream('GET', `${base}/?pieces=1000`);
    setTimeout(() => abort.abort(reason), 20);
    await expect(
      (async () => {
        for await (const _chunk of answer.body) await new Promise((resolve) => setTimeout(resolve, 5));
      })(),
    ).rejects.toBe(reason);
    await until(() => unanswered === 0);
    const left = await client().stream('GET', `${base}/?pieces=1000`);
    for await (const chunk of left.body) if (chunk.length > 0) break;
    await until(() => unanswered === 0);
    const http = client();
    await http.stream('GET', `${base}/?pieces=1000`);
    http.end();
    await until(() => unanswered === 0);
  });

  it('is refused as any other, with the words of the peer as far as they are short', async () => {
    const error: unknown = await client()
      .stream('GET', `${base}/refuse`)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TerminalError);
    expect((error as Error).message).toMatch(`GET ${base}/refuse answered 404`);
    expect(answering?.statusCode).toBe(404);
  });
});
