import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@millrace/testing';
import fastify, { type FastifyReply } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEventStream, type EventStream } from './event-stream.js';

let app: ReturnType<typeof fastify>;
let stream: EventStream | undefined;
const seen = { closed: 0 };

beforeEach(async () => {
  seen.closed = 0;
  stream = undefined;
  app = fastify();
  app.get('/', (_request: unknown, reply: FastifyReply) => {
    stream = openEventStream(reply, () => (seen.closed += 1));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => app.close());

/** A client that asks and reads as told. */
async function client(options: { reads: boolean }) {
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  if (options.reads) socket.resume();
  else socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await eventually(() => expect(stream).toBeDefined());
  return socket;
}

const piece = `data: ${'x'.repeat(16_000)}\n\n`;

describe('a stream of events', () => {
  it('drops a reader who takes nothing, having kept little', async () => {
    const socket = await client({ reads: false });
    let sent = 0;
    while (seen.closed === 0 && sent < 2_000) {
      stream?.send(piece);
      sent += 1;
      await sleep(1);
    }
    expect(seen.closed).toBe(1);
    socket.destroy();
  });

  it('drops a reader who has taken nothing between two heartbeats', async () => {
    const socket = await client({ reads: false });
    const kernelTakes = 12 * 1024 * 1024;
    // Until the kernel takes no more, in pieces that are below the bound.
    for (let sent = 0; sent < kernelTakes && seen.closed === 0; sent += piece.length) {
      stream?.beat();
      stream?.send(piece);
      await sleep(1);
    }
    expect(seen.closed).toBe(1);
    socket.destroy();
  });

  it('keeps one who reads, and tells when they have left', async () => {
    const socket = await client({ reads: true });
    for (let sent = 0; sent < 100; sent += 1) {
      stream?.send('data: x\n\n');
      await sleep(5);
      if (sent % 50 === 0) stream?.beat();
    }
    expect(seen.closed).toBe(0);
    socket.destroy();
    await eventually(() => expect(seen.closed).toBe(1));
  });
});
