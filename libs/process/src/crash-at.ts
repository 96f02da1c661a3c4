import { writeSync } from 'node:fs';
import type { Parker } from '@millrace/amqp';
import { crashPoints, nothingReached, type CrashPoint, type Reached } from '@millrace/contracts';
import { z } from 'zod';
import { ConfigError, loadConfig } from './config.js';

const schema = z.object({
  NODE_ENV: z.string().optional(),
  CRASH_AT: z
    .string()
    .regex(/^[A-Za-z.]+(?::[1-9]\d{0,5})?$/, 'must be a crash point, with :n for the n-th time that it is reached')
    .optional()
    .describe('for tests only: where the process kills itself'),
});

/**
 * What a process calls at its crash points. With `CRASH_AT=<point>[:n]` in the environment it kills the process with SIGKILL
 * when the point is reached for the n-th time; otherwise it does nothing. Throws `ConfigError` for a point that does not
 * exist, and in production for any.
 */
export function readCrashPoint(env: Readonly<Record<string, string | undefined>>): Reached {
  const { CRASH_AT, NODE_ENV } = loadConfig(schema, env);
  if (CRASH_AT === undefined) return nothingReached;
  if (NODE_ENV === 'production') throw new ConfigError('CRASH_AT is for tests: unset it, or unset NODE_ENV=production');
  const [name = '', times = '1'] = CRASH_AT.split(':');
  if (!isCrashPoint(name))
    throw new ConfigError('CRASH_AT names no crash point: see libs/contracts/src/crash-points.ts');
  let left = Number(times);
  return (point) => {
    if (point !== name) return;
    left -= 1;
    if (left === 0) killSelf(point);
  };
}

/** A parker that says when a message is parked and not acknowledged yet. */
export function reachingParker(parker: Parker, reached: Reached): Parker {
  return {
    async park(delivery, reason) {
      await parker.park(delivery, reason);
      reached('message.parked');
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
