import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type ChildExit, freePort } from '@millrace/local-infra';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../repository.js';
import { type Service, service } from './service.js';

const healthy = `
  import { createServer } from 'node:http';
  console.log('SECRET_OF_SHELL' in process.env ? 'sees the shell' : 'sees its settings ' + process.env.SETTING);
  createServer((_, response) => response.end('{}')).listen(process.env.PORT, '127.0.0.1');
  process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
`;

describe('service', () => {
  let folder: string;
  let one: Service | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-service-'));
  });
  afterEach(async () => {
    await one?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  async function make(script: string): Promise<Service> {
    const file = join(folder, 'main.mjs');
    await writeFile(file, script);
    const port = await freePort();
    const env = { PORT: String(port), SETTING: 'given' };
    one = service({ name: 'sample', entry: relative(repositoryRoot, file), port, env });
    return one;
  }

  it('is healthy when its health routes say so, and drains when it is stopped', async () => {
    process.env['SECRET_OF_SHELL'] = 'x';
    const sample = await make(healthy);
    await sample.start();
    await sample.waitHealthy();
    delete process.env['SECRET_OF_SHELL'];
    expect(sample.pid).toBeGreaterThan(0);
    await sample.stop();
    expect(sample.pid).toBeUndefined();
    await expect.poll(() => sample.lines).toEqual(['sees its settings given', 'drained']);
  });

  it('is a new process after a restart, on the same port', async () => {
    const sample = await make(healthy);
    await sample.start();
    await sample.waitHealthy();
    const { pid, url } = sample;
    await sample.restart();
    expect(sample.pid).not.toBe(pid);
    expect((await fetch(url)).status).toBe(200);
  });

  it('shows its last lines when it ends before it is healthy', async () => {
    const sample = await make(`console.error('no database'); process.exit(1);`);
    await sample.start();
    await expect(sample.waitHealthy(5_000)).rejects.toThrow(/sample.*\n[^]*no database/);
  });

  it('gives up waiting for one that never becomes healthy', async () => {
    const sample = await make(`console.log('busy'); setInterval(() => {}, 1000);`);
    await sample.start();
    await expect(sample.waitHealthy(600)).rejects.toThrow('sample was not ready after 1 s');
  });

  it('tells of a crash, and not of an end that was asked for', async () => {
    const exits: ChildExit[] = [];
    const sample = await make(healthy);
    sample.onCrash((exit) => exits.push(exit));
    await sample.start();
    await sample.waitHealthy();
    process.kill(sample.pid as number, 'SIGKILL');
    await expect.poll(() => exits).toEqual([{ code: null, signal: 'SIGKILL' }]);
    await sample.start();
    await sample.waitHealthy();
    await sample.kill();
    expect(exits).toHaveLength(1);
  });
});
