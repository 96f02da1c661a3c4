import { describe, expect, it } from 'vitest';
import { fullBucket, returnToken, takeToken } from './token-bucket.js';

const rate = { perSecond: 10, burst: 3 };

describe('a token bucket', () => {
  it('gives as many tokens at once as its burst, then one after the other at its rate', () => {
    const bucket = fullBucket(rate, 0);
    expect([0, 0, 0].map((atMs) => takeToken(bucket, rate, atMs))).toEqual([0, 0, 0]);
    expect(takeToken(bucket, rate, 0)).toBe(100);
    expect(takeToken(bucket, rate, 60)).toBeCloseTo(40);
    expect(takeToken(bucket, rate, 100)).toBe(0);
    expect(takeToken(bucket, rate, 100)).toBe(100);
  });

  it('fills no further than its burst', () => {
    const bucket = fullBucket(rate, 0);
    expect(takeToken(bucket, rate, 1_000_000)).toBe(0);
    expect(bucket.tokens).toBe(2);
  });

  it('takes a token back, and not more than it can hold', () => {
    const bucket = fullBucket(rate, 0);
    takeToken(bucket, rate, 0);
    returnToken(bucket, rate);
    returnToken(bucket, rate);
    expect(bucket.tokens).toBe(3);
  });

  it('says for slow rates how long the next token takes', () => {
    const slow = { perSecond: 0.5, burst: 1 };
    const bucket = fullBucket(slow, 0);
    expect(takeToken(bucket, slow, 0)).toBe(0);
    expect(takeToken(bucket, slow, 500)).toBe(1_500);
  });
});
