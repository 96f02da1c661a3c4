import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removePostgresData } from './postgres/place.js';
import { startPostgres } from './postgres/start-postgres.js';
import { waitForExit } from './process-group.js';
import { type ProcessIdentity, identityOf, isRunning } from './process-identity.js';
import { removeRabbitmqData } from './rabbitmq/remove-data.js';
import { startRabbitmq } from './rabbitmq/start-rabbitmq.js';

const timeout = 120_000;
const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const bindable = spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;

describe('servers whose starter ended', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-leftover-'));
    await chmod(folder, 0o711);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Starts a server in a process of its own; without `setpriv` nothing binds the server to that process. */
  async function starter(call: string, bound: boolean): Promise<{ starter: ChildProcess; server: ProcessIdentity }> {
    const fake = join(folder, 'bin');
    await mkdir(fake);
    await writeFile(join(fake, 'setpriv'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const script = `import * as infra from ${JSON.stringify(built)}; console.log((await infra.${call}).pid);`;
    const process_ = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: bound ? process.env : { ...process.env, PATH: `${fake}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = (await once(process_.stdout, 'data')) as [Buffer];
    const server = identityOf(Number(text.toString()));
    if (!server) throw new Error('The server does not run.');
    return { starter: process_, server };
  }

  const postgres = (): string => `startPostgres({ dataDir: ${JSON.stringify(join(folder, 'pg'))}, durable: false })`;
  const rabbitmq = (): string => `startRabbitmq({ dataDir: ${JSON.stringify(join(folder, 'mq'))} })`;

  it.runIf(bindable)('end with a starter that is killed', { timeout }, async () => {
    const { starter: killed, server } = await starter(postgres(), true);
    killed.kill('SIGKILL');
    expect(await waitForExit(server, 10_000)).toBe(true);
    await removePostgresData(join(folder, 'pg'));
  });

  it('end with a starter that is told to end and does nothing about them', { timeout }, async () => {
    const { starter: ended, server } = await starter(postgres(), false);
    ended.kill('SIGTERM');
    const [code] = (await once(ended, 'exit')) as [number];
    expect(code).toBe(143);
    expect(isRunning(server)).toBe(false);
    await removePostgresData(join(folder, 'pg'));
  });

  it('give way to the next start on the same data: Postgres', { timeout }, async () => {
    const { starter: killed, server } = await starter(postgres(), false);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(isRunning(server)).toBe(true);
    const next = await startPostgres({ dataDir: join(folder, 'pg'), durable: false });
    expect(isRunning(server)).toBe(false);
    await next.kill();
    await removePostgresData(join(folder, 'pg'));
  });

  it('give way to the next start on the same data: RabbitMQ', { timeout }, async () => {
    const { starter: killed, server } = await starter(rabbitmq(), false);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(isRunning(server)).toBe(true);
    const next = await startRabbitmq({ dataDir: join(folder, 'mq') });
    expect(isRunning(server)).toBe(false);
    await next.kill();
    await removeRabbitmqData(join(folder, 'mq'));
  });
});
