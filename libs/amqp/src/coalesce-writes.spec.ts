import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { coalesceWrites } from './coalesce-writes.js';

function recording(): { socket: Writable; calls: string[][] } {
  const calls: string[][] = [];
  const socket = new Writable({
    write(chunk: Buffer, _encoding, done) {
      calls.push([chunk.toString()]);
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()));
      done();
    },
  });
  coalesceWrites(socket);
  return { socket, calls };
}

describe('writes of one turn', () => {
  it('are sent together and in order, those of the next turn after them', async () => {
    const { socket, calls } = recording();
    for (const text of ['a', 'b', 'c']) socket.write(text);
    expect(calls).toEqual([]);
    await turn();
    socket.write('d');
    await turn();
    expect(calls).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('still tell when the buffer is full, and call back', async () => {
    const { socket } = recording();
    const full = socket.write(Buffer.alloc(100_000));
    expect(full).toBe(false);
    await new Promise<void>((resolve) => socket.write('x', () => resolve()));
  });

  it('are sent before the end', async () => {
    const { socket, calls } = recording();
    socket.write('a');
    socket.end('b');
    await turn();
    expect(calls.flat()).toEqual(['a', 'b']);
  });
});
