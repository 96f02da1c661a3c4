import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crashPoints, nothingReached } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { readCrashPoint } from './index.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const skipped = new Set(['node_modules', 'dist', 'test', '.nx']);

/** The sources that run in production. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') && !/\.(?:spec|fixture)\.ts$/.test(entry.name) ? [path] : [];
  });
}

describe('crash points', () => {
  it('are each called somewhere, and none is called that has no name', () => {
    const files = ['apps', 'libs'].flatMap((folder) => sources(join(root, folder)));
    const called = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\breached\(\s*'([^']+)'/g)].map(([, point]) => point),
    );
    expect(new Set(called)).toEqual(new Set(Object.keys(crashPoints)));
    expect(called.filter((point, at) => called.indexOf(point) !== at)).toEqual([]);
  });

  it('do nothing in a process that was not told one', () => {
    expect(readCrashPoint({})).toBe(nothingReached);
    expect(readCrashPoint({ NODE_ENV: 'production' })).toBe(nothingReached);
  });

  it('are refused when they do not exist, are not counted in numbers, or in production', () => {
    expect(() => readCrashPoint({ CRASH_AT: 'results.lost' })).toThrow('CRASH_AT names no crash point');
    expect(() => readCrashPoint({ CRASH_AT: 'toString' })).toThrow('CRASH_AT names no crash point');
    expect(() => readCrashPoint({ CRASH_AT: 'results.settled:often' })).toThrow('must be a crash point');
    for (const env of [{ CRASH_AT: 'results.settled' }, { CRASH_FILE: '/tmp/none' }]) {
      expect(() => readCrashPoint({ ...env, NODE_ENV: 'production' })).toThrow('are for tests');
    }
  });

  it('let a process go on that comes to another one, or not often enough', () => {
    const reached = readCrashPoint({ CRASH_AT: 'results.settled:2' });
    reached('results.confirmed');
    reached('results.settled');
  });

  it('are told to a process while it runs, by a file that may come and go', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
    try {
      const file = join(folder, 'order');
      const reached = readCrashPoint({ CRASH_FILE: file });
      reached('results.settled');
      writeFileSync(file, 'results.settled:2');
      reached('results.settled');
      writeFileSync(file, '');
      reached('results.settled');
      writeFileSync(file, 'results.lost');
      expect(() => reached('results.settled')).toThrow('names no crash point');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
