import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createReadThroughCache } from './read-through-cache.js';

/** A row that others change, and reads of it that end when the test says so. */
function source(initial: number) {
  const state = { value: initial, reads: 0, failing: false, held: [] as (() => void)[], hold: false };
  const read = async (): Promise<number> => {
    state.reads += 1;
    const { value } = state;
    if (state.hold) await new Promise<void>((resolve) => state.held.push(resolve));
    if (state.failing) throw new Error('away');
    return value;
  };
  return { state, read };
}

const options = { max: 10, freshForMs: 60_000 };

describe('a read-through cache', () => {
  it('reads once for all who ask at the same time, and not again while the entry is fresh', async () => {
    const { state, read } = source(1);
    const cache = createReadThroughCache({ ...options, read });
    expect(await Promise.all([cache.find('a'), cache.find('a')])).toEqual([1, 1]);
    expect(await cache.find('a')).toBe(1);
    expect(state.reads).toBe(1);
  });

  it.each(['forget', 'forgetWhere', 'forgetAll'] as const)(
    'neither keeps nor answers what was read before a %s that came meanwhile',
    async (how) => {
      const { state, read } = source(1);
      const cache = createReadThroughCache({ ...options, read });
      state.hold = true;
      const asked = cache.find('a');
      state.value = 2;
      state.hold = false;
      if (how === 'forget') cache.forget('a');
      else if (how === 'forgetAll') cache.forgetAll();
      else cache.forgetWhere(() => false);
      for (const release of state.held) release();
      expect(await asked).toBe(2);
      expect(await cache.find('a')).toBe(2);
    },
  );

  it('forgets the entries that match, and keeps the others', async () => {
    const { state, read } = source(1);
    const cache = createReadThroughCache({ ...options, read });
    await cache.find('a');
    await cache.find('b');
    cache.forgetWhere((_, key) => key === 'a');
    state.value = 2;
    expect([await cache.find('a'), await cache.find('b')]).toEqual([2, 1]);
  });

  it('serves an entry past its time while reading fails, when asked to, and never one that was forgotten', async () => {
    const { state, read } = source(1);
    const cache = createReadThroughCache({ max: 10, freshForMs: 5, read, serveStale: true });
    await cache.find('a');
    state.failing = true;
    await sleep(20);
    expect(await cache.find('a')).toBe(1);
    cache.forget('a');
    await expect(cache.find('a')).rejects.toThrow('away');
  });

  it('shows a reader what is past its time, if that is kept, and nothing of what was forgotten', async () => {
    const shown: (number | undefined)[] = [];
    const read = async (_: string, stale: number | undefined): Promise<number> => {
      shown.push(stale);
      return (stale ?? 0) + 1;
    };
    const cache = createReadThroughCache({ max: 10, freshForMs: 5, read, serveStale: true });
    await cache.find('a');
    await sleep(20);
    await cache.find('a');
    cache.forget('a');
    await cache.find('a');
    expect(shown).toEqual([undefined, 1, undefined]);
  });

  it('passes a failure on and reads again the next time', async () => {
    const { state, read } = source(1);
    const cache = createReadThroughCache({ ...options, read });
    state.failing = true;
    await expect(cache.find('a')).rejects.toThrow('away');
    state.failing = false;
    expect(await cache.find('a')).toBe(1);
  });
});
