import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';

/** The built library, in a process of its own: `npx tsc -b` makes it. */
const library = new URL('../dist/index.js', import.meta.url).href;

let child: ChildProcessByStdio<null, Readable, Readable> | undefined;
let output = '';

afterEach(() => child?.kill('SIGKILL'));

/** Runs a process whose `start` has the given body, and waits for the line "ready" or for its end. */
async function run(...[start, env = {}]: [string, Record<string, string>?]): Promise<void> {
  const script = `
    import { runProcess, loadConfig, setting } from ${JSON.stringify(library)};
    import { setTimeout as pause } from 'node:timers/promises';
    import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
    const alive = setInterval(() => undefined, 1000);
    await runProcess({ service: 'spec', env: process.env, drainTimeoutMs: 300, start: async (logger) => { ${start} } });
    process.stdout.write('ready\\n');`;
  output = '';
  child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = new Promise<void>((resolve) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('ready\n')) resolve();
    };
    child?.stdout.on('data', read);
    child?.stderr.on('data', read);
  });
  await Promise.race([started, once(child, 'close')]);
}

async function exitCode(): Promise<number | null> {
  if (!child) throw new Error('nothing runs');
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

describe('a process', () => {
  it('closes what it started and ends with 0 on SIGTERM and on SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      await run(`return { close: async () => { await pause(50); logger.info('closed it') } }`);
      child?.kill(signal);
      expect(await exitCode()).toBe(0);
      expect(output).toContain('closed it');
    }
  });

  it('ends with 1 when closing takes too long, and at once on a second signal', async () => {
    await run(`return { close: () => pause(60_000) }`);
    child?.kill('SIGTERM');
    expect(await exitCode()).toBe(1);
    expect(output).toContain('work in flight did not end in time');
    await run(`return { close: () => pause(60_000) }`);
    child?.kill('SIGTERM');
    child?.kill('SIGINT');
    expect(await exitCode()).toBe(1);
  });

  it.each([
    ['an unhandled rejection', `setTimeout(() => { void Promise.reject(new Error('lost track')) }, 10)`],
    ['an exception nobody caught', `setTimeout(() => { throw new Error('lost track') }, 10)`],
  ])('logs %s as fatal and ends with 1', async (_what, act) => {
    await run(`${act}; return { close: async () => undefined }`);
    expect(await exitCode()).toBe(1);
    expect(output).toContain('"level":"fatal"');
    expect(output).toContain('lost track');
  });

  it('tells a configuration that is not usable in plain words and ends with 1', async () => {
    await run(`loadConfig(z.object({ PORT: setting.port().describe('where to listen') }), process.env)`);
    expect(await exitCode()).toBe(1);
    expect(output).toBe(
      'spec: The configuration is not usable. Set these environment variables:\n  PORT: is missing (where to listen)\n',
    );
  });

  it('logs why it could not start and ends with 1', async () => {
    await run(`throw new Error('the port is taken')`);
    expect(await exitCode()).toBe(1);
    expect(output).toContain('the port is taken');
  });

  it('refuses an unknown log level', async () => {
    await run(`return { close: async () => undefined }`, { LOG_LEVEL: 'loud' });
    expect(await exitCode()).toBe(1);
    expect(output).toContain('LOG_LEVEL');
  });
});
