import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FailedTry, maxTries, waitBeforeRetry } from './http-retry.js';

const answered = (status: number, retryAfter?: string): FailedTry => ({ answered: true, status, retryAfter });
const broken = (code: string): FailedTry => ({ answered: false, error: Object.assign(new Error('x'), { code }) });

describe('whether a call is sent again', () => {
  it('depends on whether its failure is a passing one', () => {
    for (const status of [500, 502, 503, 504]) expect(waitBeforeRetry(1, answered(status), 1)).toBe(200);
    for (const status of [302, 400, 401, 404, 408, 409, 422, 429, 501]) {
      expect(waitBeforeRetry(1, answered(status), 1)).toBeUndefined();
    }
    for (const code of ['ECONNRESET', 'ECONNREFUSED', 'UND_ERR_SOCKET']) {
      expect(waitBeforeRetry(1, broken(code), 1)).toBe(200);
    }
    for (const code of ['ENOTFOUND', 'CERT_HAS_EXPIRED', 'address_refused', '']) {
      expect(waitBeforeRetry(1, broken(code), 1)).toBeUndefined();
    }
  });

  it('waits twice as long each time, with a share that differs, and not for ever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.double({ min: 0, max: 1, noNaN: true }), (tries, random) => {
        const waitMs = waitBeforeRetry(tries, answered(503), random);
        if (tries >= maxTries) expect(waitMs).toBeUndefined();
        else {
          expect(waitMs).toBeGreaterThanOrEqual(100 * 2 ** (tries - 1));
          expect(waitMs).toBeLessThanOrEqual(200 * 2 ** (tries - 1));
        }
      }),
    );
  });

  it('obeys Retry-After, and holds no step for long', () => {
    expect(waitBeforeRetry(1, answered(503, '2'), 0)).toBe(2000);
    expect(waitBeforeRetry(1, answered(429, '1'), 0)).toBe(1000);
    expect(waitBeforeRetry(1, answered(429, '0'), 0)).toBe(100);
    expect(waitBeforeRetry(1, answered(503, '3'), 0)).toBeUndefined();
  });
});
