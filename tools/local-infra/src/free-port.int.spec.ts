import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort, isPortFree, releasePort } from './free-port.js';

async function listening(port: number) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('freePort', () => {
  it('takes the preferred port when it is free', async () => {
    const port = await freePort();
    releasePort(port);
    expect(await freePort(port)).toBe(port);
  });

  it('takes another port when the preferred one is in use', async () => {
    const port = await freePort();
    const server = await listening(port);
    expect(await isPortFree(port)).toBe(false);
    expect(await freePort(port)).not.toBe(port);
    server.close();
  });

  it('stays below the ports that outgoing connections get', async () => {
    expect(await freePort()).toBeLessThan(32_768);
  });

  it('never gives the same port twice', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(new Set(ports).size).toBe(20);
  });
});
