import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CuttingProxy, cuttingProxy } from './cutting-proxy.js';
import { eventually } from './eventually.js';

describe('cuttingProxy', () => {
  const echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  let proxy: CuttingProxy;

  beforeEach(async () => {
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    const { port } = echo.address() as { port: number };
    proxy = await cuttingProxy(`tcp://127.0.0.1:${port}`);
  });
  afterEach(async () => {
    await proxy.close();
    echo.close();
    await once(echo, 'close');
  });

  async function client() {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    const seen = { text: '', closed: false };
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (seen.text += text));
    socket.on('error', () => {});
    socket.on('close', () => (seen.closed = true));
    await eventually(() => expect(socket.connecting).toBe(false));
    return { socket, seen };
  }

  it('passes bytes in both directions', async () => {
    const { socket, seen } = await client();
    socket.write('hello');
    await eventually(() => expect(seen.text).toBe('hello'));
    socket.destroy();
    await eventually(() => expect(proxy.connectionCount).toBe(0));
  });

  it('cuts what is connected and takes new connections', async () => {
    const { seen } = await client();
    await eventually(() => expect(proxy.connectionCount).toBe(1));
    proxy.cut();
    await eventually(() => expect(seen.closed).toBe(true));
    const again = await client();
    again.socket.write('again');
    await eventually(() => expect(again.seen.text).toBe('again'));
  });

  it('holds everything back while stalled and passes it on when restored', async () => {
    const { socket, seen } = await client();
    await eventually(() => expect(proxy.connectionCount).toBe(1));
    proxy.stall();
    const late = await client();
    socket.write('held');
    late.socket.write('late');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([seen.text, late.seen.text]).toEqual(['', '']);
    proxy.restore();
    await eventually(() => expect([seen.text, late.seen.text]).toEqual(['held', 'late']));
  });

  it('resets new connections while refusing and leaves the others alone', async () => {
    const { socket, seen } = await client();
    await eventually(() => expect(proxy.connectionCount).toBe(1));
    proxy.refuse();
    const refused = await client();
    await eventually(() => expect(refused.seen.closed).toBe(true));
    socket.write('still here');
    await eventually(() => expect(seen.text).toBe('still here'));
  });
});
