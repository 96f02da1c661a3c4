import { describe, expect, it } from 'vitest';

import { backoffMs, pause, within } from './backoff.js';

const bounds = { minMs: 100, maxMs: 5_000 };

describe('backoffMs', () => {
  it('doubles from the lower to the upper bound', () => {
    const waits = [1, 2, 3, 7, 100].map((attempt) => backoffMs(attempt, bounds, () => 1));
    expect(waits).toEqual([100, 200, 400, 5_000, 5_000]);
  });

  it('takes off at most half by chance', () => {
    expect(backoffMs(1, bounds, () => 0)).toBe(50);
    expect(backoffMs(20, bounds, () => 0)).toBe(2_500);
  });

  it('treats a count below one as the first try', () => {
    expect(backoffMs(0, bounds, () => 1)).toBe(100);
  });
});

describe('pause', () => {
  it('ends at once when the signal is aborted', async () => {
    const stop = new AbortController();
    const paused = pause(60_000, stop.signal);
    stop.abort();
    await expect(paused).resolves.toBeUndefined();
  });
});

describe('within', () => {
  it('gives the result of a promise that settles in time', async () => {
    await expect(within(Promise.resolve(7), 1_000, () => new Error('late'))).resolves.toBe(7);
  });

  it('rejects with the given error when the promise takes too long', async () => {
    await expect(within(new Promise(() => undefined), 5, () => new Error('late'))).rejects.toThrow('late');
  });
});
