import { mkdtemp, rm, stat } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderInUseError } from '../folder-claim.js';
import { isPortFree } from '../free-port.js';
import { answersAmqp } from './handshake.js';
import { removeRabbitmqData } from './remove-data.js';
import { type RunningRabbitmq, startRabbitmq } from './start-rabbitmq.js';

const startTimeoutMs = 120_000;

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 2_000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}

describe('startRabbitmq', () => {
  let folder: string;
  let dataDir: string;
  let broker: RunningRabbitmq;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-rabbitmq-'));
    dataDir = join(folder, 'mq');
    broker = await startRabbitmq({ dataDir });
  }, startTimeoutMs);
  afterAll(async () => {
    await broker.kill();
    await removeRabbitmqData(dataDir);
    await rm(folder, { recursive: true, force: true });
  });

  it('takes AMQP connections, on the loopback address only', async () => {
    expect(await answersAmqp(broker.port, broker.nodeName.split('@')[0], 2_000)).toBe(true);
    expect(await answersAmqp(broker.port, 'another-node', 2_000)).toBe(false);
    const outward = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find((address) => !address.internal && address.family === 'IPv4');
    if (outward) expect(await accepts(broker.port, outward.address)).toBe(false);
  });

  it('has a random password and keeps its secrets closed', async () => {
    expect(broker.amqpUrl).toMatch(/^amqp:\/\/millrace:[\w-]{32}@127\.0\.0\.1:\d+$/);
    expect((await stat(join(dataDir, 'identity.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'rabbitmq.conf'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'home', '.erlang.cookie'))).mode & 0o777).toBe(0o400);
  });

  it('is within reach of rabbitmqctl', { timeout: startTimeoutMs }, async () => {
    expect(await broker.control('eval', '1 + 1.')).toBe('2');
    await expect(broker.control('no_such_command')).rejects.toThrow('rabbitmqctl no_such_command failed');
  });

  it('refuses a folder that is in use', async () => {
    await expect(startRabbitmq({ dataDir })).rejects.toThrow(FolderInUseError);
  });

  it(
    'comes back on the same port after an orderly restart and after a crash',
    { timeout: startTimeoutMs },
    async () => {
      const { amqpUrl, port, pid } = broker;
      await broker.restart();
      expect(broker.pid).not.toBe(pid);
      const { exited } = broker;
      await broker.kill();
      expect(await exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(broker.pid).toBeUndefined();
      expect(await isPortFree(port)).toBe(true);
      await broker.start();
      expect(broker.amqpUrl).toBe(amqpUrl);
      expect(await answersAmqp(port, undefined, 2_000)).toBe(true);
    },
  );
});
