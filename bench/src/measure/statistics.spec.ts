import { describe, expect, it } from 'vitest';
import { percentile, spread } from './statistics.js';

describe('percentile', () => {
  it('is the smallest value that the share of all values does not exceed', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('is not a number without values', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('spread', () => {
  it('gives the middle of an odd number of values and the mean of the two middles of an even one', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, lowest: 1, highest: 3 });
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, lowest: 1, highest: 4 });
  });
});
