import { describe, expect, it } from 'vitest';

import { TagWindow } from './tag-window.js';

describe('TagWindow', () => {
  it('numbers values from 1 and finds them by their tag', () => {
    const window = new TagWindow<string>();
    expect([window.push('a'), window.push('b')]).toEqual([1, 2]);
    expect(window.get(2)).toBe('b');
    expect(window.get(3)).toBeUndefined();
    expect(window.get(0)).toBeUndefined();
  });

  it('moves its first tag past what was removed, in whatever order', () => {
    const window = new TagWindow<string>();
    for (const value of ['a', 'b', 'c']) window.push(value);
    expect(window.remove(2)).toBe('b');
    expect(window.first).toBe(1);
    window.remove(1);
    expect(window.first).toBe(3);
    expect([...window.values()]).toEqual(['c']);
    window.remove(3);
    expect(window.first).toBe(window.next);
    expect(window.push('d')).toBe(4);
  });

  it('gives nothing for a tag that is removed twice', () => {
    const window = new TagWindow<string>();
    window.push('a');
    expect([window.remove(1), window.remove(1)]).toEqual(['a', undefined]);
  });

  it('changes only values that are in the window', () => {
    const window = new TagWindow<string>();
    window.push('a');
    window.set(1, 'A');
    window.set(2, 'B');
    expect([...window.values()]).toEqual(['A']);
  });

  it('keeps its tags over many thousand values', () => {
    const window = new TagWindow<number>();
    for (let tag = 1; tag <= 10_000; tag += 1) {
      expect(window.push(tag)).toBe(tag);
      if (tag > 10) expect(window.remove(tag - 10)).toBe(tag - 10);
    }
    expect([...window.values()]).toHaveLength(10);
    expect(window.first).toBe(9_991);
  });
});
