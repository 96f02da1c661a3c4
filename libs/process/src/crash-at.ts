import { readFileSync, writeSync } from 'node:fs';
import type { BatchParker } from '@millrace/amqp';
import { crashPoints, nothingReached, type CrashPoint, type Reached } from '@millrace/contracts';
import { z } from 'zod';
import { ConfigError, loadConfig } from './config.js';

const pattern = /^[A-Za-z.]+(?::[1-9]\d{0,5})?$/;

const schema = z.object({
  NODE_ENV: z.string().optional(),
  CRASH_AT: z
    .string()
    .regex(pattern, 'must be a crash point, with :n for the n-th time that it is reached')
    .optional()
    .describe('for tests only: where the process kills itself'),
  CRASH_FILE: z.string().min(1).optional().describe('for tests only: a file that says so while the process runs'),
});

/**
 * What a process calls at its crash points. With `CRASH_AT=<point>[:n]` in the environment it kills the process with SIGKILL
 * when the point is reached for the n-th time. With `CRASH_FILE=<path>` it looks into that file each time that any point is
 * reached, and does what stands there as `<point>[:n]`, counted from when it was written. Otherwise it does nothing. Throws
 * `ConfigError` for a point that does not exist, and in production for any.
 */
export function readCrashPoint(env: Readonly<Record<string, string | undefined>>): Reached {
  const { CRASH_AT, CRASH_FILE, NODE_ENV } = loadConfig(schema, env);
  if (CRASH_AT === undefined && CRASH_FILE === undefined) return nothingReached;
  if (NODE_ENV === 'production') {
    throw new ConfigError('CRASH_AT and CRASH_FILE are for tests: unset them, or unset NODE_ENV=production');
  }
  if (CRASH_FILE !== undefined) return crashingAsFileSays(CRASH_FILE);
  return crashingAt(CRASH_AT ?? '');
}

function crashingAt(order: string): Reached {
  const [name = '', times = '1'] = order.split(':');
  if (!isCrashPoint(name))
    throw new ConfigError('CRASH_AT names no crash point: see libs/contracts/src/crash-points.ts');
  let left = Number(times);
  return (point) => {
    if (point !== name) return;
    left -= 1;
    if (left === 0) killSelf(point);
  };
}

function crashingAsFileSays(file: string): Reached {
  let known = '';
  let crashing = nothingReached;
  return (point) => {
    const order = contentOf(file);
    if (order !== known) {
      known = order;
      crashing = order === '' ? nothingReached : crashingAt(order);
    }
    crashing(point);
  };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** A parker that says when a message is elsewhere, too, and not acknowledged yet. */
export function reachingParker(parker: BatchParker, reached: Reached): BatchParker {
  return {
    async park(delivery, reason) {
      await parker.park(delivery, reason);
      reached('message.parked');
    },
    async requeue(part) {
      await parker.requeue(part);
      reached('bundle.partSent');
    },
  };
}

function isCrashPoint(name: string): name is CrashPoint {
  return Object.hasOwn(crashPoints, name);
}

function killSelf(point: CrashPoint): void {
  // Told before, and at once: nothing that is buffered outlives the kill.
  writeSync(2, `killed at the crash point ${point}\n`);
  process.kill(process.pid, 'SIGKILL');
}
