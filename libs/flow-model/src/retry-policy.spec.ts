import { describe, expect, it } from 'vitest';
import { defaultRetryPolicy, retryDelayMs, retryPolicyOf, retrySettingsSchema } from './retry-policy.js';

describe('a retry policy', () => {
  it('has three attempts when the step says nothing, and defaults for what it leaves out', () => {
    expect(retryPolicyOf(undefined)).toEqual({ maxAttempts: 3, initialDelayMs: 1_000, factor: 2, maxDelayMs: 300_000 });
    expect(retryPolicyOf({ maxAttempts: 7, factor: 3 })).toEqual({ ...defaultRetryPolicy, maxAttempts: 7, factor: 3 });
  });

  it.each([
    { maxAttempts: 0 },
    { maxAttempts: 101 },
    { maxAttempts: 2, initialDelayMs: 99 },
    { maxAttempts: 2, factor: 0.5 },
    { maxAttempts: 2, maxDelayMs: 86_400_001 },
    { maxAttempts: 2, delay: 5 },
  ])('is refused as %j', (settings) => {
    expect(retrySettingsSchema.safeParse(settings).success).toBe(false);
  });

  it('grows by its factor up to its cap, each delay between half and the whole of that', () => {
    const policy = { maxAttempts: 100, initialDelayMs: 1_000, factor: 2, maxDelayMs: 10_000 };
    const bounds = (attempt: number) => [retryDelayMs(policy, attempt, 0), retryDelayMs(policy, attempt, 1)];
    expect([1, 2, 3, 4, 5, 99].map(bounds)).toEqual([
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
      [4_000, 8_000],
      [5_000, 10_000],
      [5_000, 10_000],
    ]);
    expect(retryDelayMs({ ...policy, factor: 10 }, 2_000, 1)).toBe(10_000);
  });
});
