import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildExit } from '@millrace/local-infra';
import { describe, expect, it } from 'vitest';
import { type Supervised, restartDelayMs, supervise } from './supervise.js';

/** A service that a test can crash at will. */
function crashable() {
  const listeners = new Set<(exit: ChildExit) => void>();
  const state = { starts: 0 };
  const one: Supervised = {
    pid: 7,
    start: () => {
      state.starts += 1;
      return Promise.resolve();
    },
    onCrash: (listener: (exit: ChildExit) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const crash = (): void => {
    for (const listener of listeners) listener({ code: 1, signal: null });
  };
  return { one, state, crash };
}

describe('supervise', () => {
  it('starts a service again that ended by itself, and says so', async () => {
    const { one, state, crash } = crashable();
    const said: string[] = [];
    const end = supervise(one, (text) => said.push(text));
    crash();
    expect(said).toEqual(['exited with code 1, starts again in 0.5 s']);
    await expect.poll(() => state.starts, { timeout: 3_000 }).toBe(1);
    expect(said[1]).toBe('started again (process 7)');
    end();
  });

  it('leaves it alone once the supervision has ended', async () => {
    const { one, state, crash } = crashable();
    const end = supervise(one, () => {});
    crash();
    end();
    crash();
    await sleep(700);
    expect(state.starts).toBe(0);
  });

  it('waits longer after each crash, up to half a minute', () => {
    expect([1, 2, 3, 4].map(restartDelayMs)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(restartDelayMs(50)).toBe(30_000);
  });
});
