import { describe, expect, it } from 'vitest';
import { collectItem } from './collect-item.js';

describe('collectItem', () => {
  it('gathers all items of its scope unless it says otherwise', () => {
    expect(collectItem({ a: 1 }, { scope: 'flow', timeoutMs: 1_000 })).toMatchObject({
      item: { a: 1 },
      gathering: { scope: 'flow', key: null, maxItems: 10_000, timeoutMs: 1_000 },
    });
  });

  it.each([
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { timeoutMs: 31 * 86_400_000 },
    { timeoutMs: 1, maxItems: 0 },
    { timeoutMs: 1, maxItems: 1.5 },
    { timeoutMs: 1, maxItems: 10_001 },
  ])('refuses %j', (gathering) => {
    expect(() => collectItem(null, { scope: 'run', ...gathering })).toThrow(RangeError);
  });
});
