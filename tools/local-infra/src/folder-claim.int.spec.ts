import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUseError, claimFolder, clearAbandoned, folderOwner } from './folder-claim.js';
import { identityOf, isRunning } from './process-identity.js';

describe('claimFolder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-claim-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one process work in a folder at a time', async () => {
    const claim = await claimFolder(folder);
    expect(folderOwner(folder)).toBe(process.pid);
    await expect(claimFolder(folder)).rejects.toThrow(FolderInUseError);
    await expect(clearAbandoned(folder)).rejects.toThrow(FolderInUseError);
    claim.release();
    expect(folderOwner(folder)).toBeUndefined();
    (await claimFolder(folder)).release();
  });

  it('ends the children of an owner that no longer lives', async () => {
    const leftover = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const child = identityOf(leftover.pid as number);
    const record = {
      owner: { pid: 999_999_999, startedAt: 'long ago' },
      children: [{ name: 'sleeper', stopSignal: 'SIGTERM', ...child }],
    };
    await writeFile(join(folder, 'owner.json'), JSON.stringify(record));
    const said: string[] = [];
    const claim = await claimFolder(folder, (line) => said.push(line));
    expect(child && isRunning(child)).toBe(false);
    expect(said).toEqual([`ending sleeper (process ${leftover.pid}) that an earlier run left behind`]);
    claim.release();
  });

  it('leaves a process alone that merely got the pid of an old child', async () => {
    const other = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const identity = identityOf(other.pid as number);
    const child = { name: 'old', stopSignal: 'SIGKILL', pid: other.pid, startedAt: 'earlier' };
    const owner = { pid: process.pid, startedAt: 'earlier' };
    await writeFile(join(folder, 'owner.json'), JSON.stringify({ owner, children: [child] }));
    (await claimFolder(folder)).release();
    expect(identity && isRunning(identity)).toBe(true);
    other.kill('SIGKILL');
  });

  it('takes a damaged record for an abandoned one', async () => {
    await writeFile(join(folder, 'owner.json'), '{"owner":');
    (await claimFolder(folder)).release();
  });
});
