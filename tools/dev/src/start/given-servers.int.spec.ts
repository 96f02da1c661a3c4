import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { assertReachable, givenUrl } from './given-servers.js';

afterEach(() => vi.unstubAllEnvs());

describe('a server that the environment names', () => {
  it('is refused by the name of its variable when it is no URL of its kind', () => {
    vi.stubEnv('DATABASE_URL', 'http://user:hunter2@x/y');
    expect(() => givenUrl('DATABASE_URL', ['postgres:'])).toThrow(/DATABASE_URL.*postgres:\/\//);
    expect(() => givenUrl('DATABASE_URL', ['postgres:'])).not.toThrow(/hunter2/);
    vi.stubEnv('DATABASE_URL', '');
    expect(givenUrl('DATABASE_URL', ['postgres:'])).toBeUndefined();
  });

  it('is refused with its place and without its password when nothing answers there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `amqp://user:hunter2@127.0.0.1:${port}`;
    await expect(assertReachable('AMQP_URL', url, 5672)).resolves.toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
    const refusal = assertReachable('AMQP_URL', url, 5672);
    await expect(refusal).rejects.toThrow(`AMQP_URL: nothing answers at 127.0.0.1:${port}`);
    await expect(refusal).rejects.not.toThrow('hunter2');
  });
});
