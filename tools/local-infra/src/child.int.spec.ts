import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeExit, startChild } from './child.js';
import { waitForExit } from './process-group.js';
import { identityOf } from './process-identity.js';

describe('startChild', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-child-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const shell = (script: string, name = 'script') => ({
    name,
    command: 'sh',
    args: ['-c', script],
    env: process.env,
    output: { file: join(folder, `${name}.log`) },
    stopSignal: 'SIGTERM' as const,
    stopTimeoutMs: 300,
  });

  it('hands over what the process writes, line by line', async () => {
    const seen: string[] = [];
    const child = await startChild({
      ...shell('echo one; echo two >&2; exit 3'),
      output: { onLine: (line) => seen.push(line) },
    });
    expect(await child.exited).toEqual({ code: 3, signal: null });
    await expect.poll(() => seen.toSorted()).toEqual(['one', 'two']);
    expect(describeExit({ code: 3, signal: null })).toBe('exited with code 3');
  });

  it('keeps the last lines of a log file for messages', async () => {
    const child = await startChild(shell('for i in 1 2 3 4; do echo line $i; done', 'tail'));
    await child.exited;
    expect(child.logTail(2)).toBe('line 3\nline 4');
  });

  it('stops the process with all that it started', async () => {
    const seen: string[] = [];
    const child = await startChild({
      ...shell('sleep 60 & echo $!; wait'),
      output: { onLine: (line) => seen.push(line) },
    });
    await expect.poll(() => seen.length).toBe(1);
    const grandchild = identityOf(Number(seen[0]));
    expect(grandchild).toBeDefined();
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(grandchild && (await waitForExit(grandchild, 2_000))).toBe(true);
  });

  it('kills a process that does not stop in time', async () => {
    const child = await startChild({
      ...shell("trap '' TERM; echo armed; while true; do sleep 0.05; done", 'stubborn'),
    });
    await expect.poll(() => child.logTail()).toBe('armed');
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(child.exit()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('says which program could not be started', async () => {
    const missing = {
      ...shell(''),
      name: 'the missing one',
      command: join(folder, 'nothing'),
      cwd: join(folder, 'no'),
    };
    await expect(startChild(missing)).rejects.toThrow('the missing one could not be started');
  });
});
