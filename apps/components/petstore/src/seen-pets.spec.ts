import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIds, writeIds } from './seen-pets.js';

describe('the numbers of pets', () => {
  it('are written as runs of neighbours', () => {
    expect(writeIds([53, 1, 2, 3, 2, 9_007_199_254_740_991])).toBe('1-3,53,9007199254740991');
    expect(writeIds([])).toBe('');
    expect(readIds('')(1)).toBe(false);
  });

  it('are found again, and no others', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { maxLength: 40 }), (ids) => {
        const has = readIds(writeIds(ids));
        const found = Array.from({ length: 62 }, (_, id) => id).filter(has);
        expect(found).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
      }),
    );
  });
});
