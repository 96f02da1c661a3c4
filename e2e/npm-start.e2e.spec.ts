import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inRepository, signIn } from '@millrace/dev';
import { eventually, testFolderPrefix } from '@millrace/testing';
import { allRuns, call, petNames } from './support/tutorial.js';

let folder: string;
let dataDir: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), testFolderPrefix));
  dataDir = join(folder, 'data');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface DevFile {
  apiUrl: string;
  hookUrl: string;
  sandboxUrl: string;
  adminEmail: string;
  adminPassword: string;
}

function command(name: string): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [inRepository('tools/run.mjs'), name], {
    env: { ...process.env, MILLRACE_DATA_DIR: dataDir, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.stderr.on('data', (data: Buffer) => (text += data.toString()));
  return { child, output: () => text };
}

async function started(running: ReturnType<typeof command>): Promise<string> {
  const webhookUrl = await eventually(
    () => {
      const found = /http:\/\/\S+\/hook\/[0-9a-f-]+/.exec(running.output())?.[0];
      if (running.child.exitCode !== null) throw new Error(`it ended:\n${running.output()}`);
      if (!found) throw new Error(`no webhook URL yet:\n${running.output()}`);
      return found;
    },
    { timeoutMs: 120_000, intervalMs: 100 },
  );
  expect(running.output()).toContain('curl');
  return webhookUrl;
}

async function interrupted(running: ReturnType<typeof command>): Promise<void> {
  const ended = once(running.child, 'exit');
  running.child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
}

async function devFile(): Promise<DevFile> {
  return JSON.parse(await readFile(join(dataDir, 'dev.json'), 'utf8')) as DevFile;
}

it('npm start runs the tutorial, stops whole, goes on where it was, and npm run reset removes its data', async () => {
  const first = command('start');
  const webhookUrl = await started(first);
  const dev = await devFile();
  expect((await stat(join(dataDir, 'dev.json'))).mode & 0o777).toBe(0o600);
  expect(first.output().split(dev.adminPassword)).toHaveLength(2);
  for (let n = 0; n < 3; n += 1) {
    expect((await call(webhookUrl, { petname: 'Gromit', petstatus: 'Sold' })).status).toBe(200);
  }
  const flowId = webhookUrl.slice(-36);
  const api = await signIn(dev.apiUrl, dev.adminEmail, dev.adminPassword);
  await eventually(
    async () => {
      const runs = await allRuns(api, flowId);
      expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    },
    { timeoutMs: 20_000 },
  );
  expect(await petNames(dev.sandboxUrl, 'sold')).toEqual(['Gromit', 'Gromit', 'Gromit']);
  await interrupted(first);
  await expect(fetch(webhookUrl)).rejects.toThrow();
  await expect(fetch(dev.apiUrl)).rejects.toThrow();

  const second = command('start');
  expect(await started(second)).toBe(webhookUrl);
  expect(second.output()).not.toContain(dev.adminPassword);
  const again = await signIn(dev.apiUrl, dev.adminEmail, dev.adminPassword);
  expect(await allRuns(again, flowId)).toHaveLength(3);
  const refused = command('start');
  expect(await once(refused.child, 'exit')).toEqual([1, null]);
  expect(refused.output()).toContain('already runs');
  await interrupted(second);

  const reset = command('reset');
  expect(await once(reset.child, 'exit')).toEqual([0, null]);
  expect(existsSync(dataDir)).toBe(false);
});
