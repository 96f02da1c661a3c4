import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childPath, newId, parseId, requestIdOf, rootPath, type RunId } from './index.js';

describe('an id', () => {
  it('is read with and without dashes, in any case, as the same id', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(parseId(uuid)).toBe(uuid);
        expect(parseId(uuid.replaceAll('-', '').toUpperCase())).toBe(uuid);
        expect(parseId(requestIdOf(uuid as RunId))).toBe(uuid);
      }),
    );
  });

  it.each([
    '',
    'x',
    '0193',
    '01935b1c-8e00-7000-8000-00000000000',
    "1' or '1'='1",
    '01935b1c8e0070008000-000000000000',
  ])('is not read from “%s”', (text) => {
    expect(parseId(text)).toBeUndefined();
  });

  it('sorts by the time at which it was made', () => {
    const ids = Array.from({ length: 1000 }, () => newId<RunId>());
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a path', () => {
  it('grows by one emission index a step', () => {
    expect(childPath(childPath(rootPath, 0), 12)).toBe('0.12');
  });
});
