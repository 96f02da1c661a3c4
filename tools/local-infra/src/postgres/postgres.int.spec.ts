import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUseError } from '../folder-claim.js';
import { freePort } from '../free-port.js';
import { restoreLinks } from './embedded.js';
import { relocatedFolder, removePostgresData } from './place.js';
import { type RunningPostgres, startPostgres } from './start-postgres.js';

const isRoot = process.getuid?.() === 0;

/** The kind of authentication that the server asks for; 10 is SCRAM. */
async function authenticationAsked(port: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1' });
  const text = Buffer.from('user\0millrace\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + text.length, 0);
  head.writeInt32BE(3 << 16, 4);
  socket.write(Buffer.concat([head, text]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(String.fromCharCode(answer[0] ?? 0)).toBe('R');
  return answer.readInt32BE(5);
}

describe('startPostgres', () => {
  let folder: string;
  let running: RunningPostgres[];
  beforeEach(async () => {
    running = [];
    folder = await mkdtemp(join(tmpdir(), 'millrace-postgres-'));
    await chmod(folder, 0o711);
  });
  afterEach(async () => {
    for (const one of running) await one.kill();
    await removePostgresData(join(folder, 'pg'));
    await rm(folder, { recursive: true, force: true });
  });

  async function start(options: Partial<Parameters<typeof startPostgres>[0]> = {}) {
    const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: false, ...options });
    running.push(postgres);
    return postgres;
  }

  it('starts a cluster that asks for a password, and uses it again later', async () => {
    const first = await start();
    expect(await authenticationAsked(first.port)).toBe(10);
    expect((await stat(join(folder, 'pg', 'password'))).mode & 0o777).toBe(0o600);
    await first.stop();
    const port = await freePort();
    const second = await start({ port });
    expect(second.url).toBe(first.url.replace(`:${first.port}/`, `:${port}/`));
    expect(second.url).toMatch(new RegExp(`^postgresql://millrace:[\\w-]{32}@127.0.0.1:${port}/millrace$`));
  });

  it('starts again after a crash', async () => {
    const first = await start();
    await first.kill();
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const second = await start();
    expect(await authenticationAsked(second.port)).toBe(10);
  });

  it('refuses a folder that is in use', async () => {
    await start();
    await expect(start()).rejects.toThrow(FolderInUseError);
  });

  it('shows the log when the server ends before it is ready', async () => {
    const port = await freePort();
    const occupant = createServer().listen(port, '127.0.0.1');
    await once(occupant, 'listening');
    await expect(start({ port })).rejects.toThrow(/before it was ready:[^]*could not bind/);
    occupant.close();
    await start({ port });
  });

  it('runs the packaged binaries when the machine has none', async () => {
    const postgres = await start({ embeddedOnly: true });
    expect(postgres.origin).toBe('npm package');
    expect(await authenticationAsked(postgres.port)).toBe(10);
  });

  it.runIf(isRoot)('runs as an ordinary user when root starts it', async () => {
    const { pid } = await start();
    const uid = /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    expect(uid).not.toBe('0');
  });

  it.runIf(isRoot)('moves the data out of a folder that the ordinary user cannot reach', async () => {
    await chmod(folder, 0o700);
    const dataDir = join(folder, 'pg');
    const first = await start();
    expect(await readlink(dataDir)).toBe(relocatedFolder(dataDir));
    await first.stop();
    expect((await start()).url.split('@')[0]).toBe(first.url.split('@')[0]);
    await expect(removePostgresData(dataDir)).rejects.toThrow(FolderInUseError);
    for (const one of running) await one.stop();
    await removePostgresData(dataDir);
    await expect(lstat(dataDir)).rejects.toThrow('ENOENT');
    await expect(lstat(relocatedFolder(dataDir))).rejects.toThrow('ENOENT');
  });

  it.runIf(isRoot)('does not take over relocated data of a clone that was deleted', async () => {
    await chmod(folder, 0o700);
    const dataDir = join(folder, 'pg');
    const first = await start();
    await first.stop();
    await rm(dataDir);
    expect((await start()).url.split('@')[0]).not.toBe(first.url.split('@')[0]);
  });
});

describe('restoreLinks', () => {
  it('makes the links that npm packages cannot hold, and leaves those that exist', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-links-'));
    const native = join(folder, 'native');
    await mkdir(join(native, 'lib'), { recursive: true });
    const links = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }];
    await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
    await writeFile(join(native, 'lib', 'libx.so.1.2'), 'library');
    await restoreLinks(native);
    await restoreLinks(native);
    expect(await readlink(join(native, 'lib', 'libx.so.1'))).toBe('libx.so.1.2');
    expect(await readFile(join(native, 'lib', 'libx.so.1'), 'utf8')).toBe('library');
    await rm(folder, { recursive: true });
  });
});
