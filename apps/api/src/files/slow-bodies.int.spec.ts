import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitSlowBodies } from './slow-bodies.js';

const timeoutMs = 1_000;
let app: FastifyInstance;
let port: number;

beforeAll(async () => {
  app = fastify();
  limitSlowBodies(app, timeoutMs);
  for (const url of ['/v1/flows', '/component/files']) app.post(url, () => 'taken');
  await app.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = app.server.address() as AddressInfo);
});

afterAll(() => app.close());

/** Sends half of a body, and the rest after `pauseMs`; resolves what came back until the connection was closed. */
function send(path: string, pauseMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (data) => (received += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n`;
    socket.write(`${head}"`);
    setTimeout(() => socket.write('"'), pauseMs);
  });
}

describe('a body that comes in slowly', () => {
  it('is answered 408 and cut off, unless it is a file', async () => {
    expect(await send('/v1/flows', 0)).toContain('taken');
    expect(await send('/v1/flows', 2 * timeoutMs)).toMatch(/^HTTP\/1.1 408 /);
    expect(await send('/component/files', 2 * timeoutMs)).toContain('taken');
  });
});
