import { describe, expect, it } from 'vitest';
import { waitForResume } from './wait-for-resume.js';

describe('waitForResume', () => {
  it('waits for one call and fails without, unless it is told otherwise', () => {
    expect(waitForResume({ timeoutMs: 5 }).wait).toEqual({
      timeoutMs: 5,
      onTimeout: 'fail',
      uses: 'once',
      maxCalls: 1,
    });
    expect(waitForResume({ timeoutMs: 5, uses: 'repeated' }).wait.maxCalls).toBe(100);
  });

  it.each([{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { timeoutMs: 2_592_000_001 }, { timeoutMs: 5, maxCalls: 0 }])(
    'throws at once where the engine would not take it: %j',
    (wait) => {
      expect(() => waitForResume(wait)).toThrow(RangeError);
    },
  );
});
