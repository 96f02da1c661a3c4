import { describe, expect, it } from 'vitest';
import { gatherReads } from './gathered-read.js';

function recorded() {
  const asked: string[][] = [];
  const read = gatherReads(async (keys: readonly string[]) => {
    asked.push([...keys]);
    if (keys.includes('bad')) throw new Error('refused');
    return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.toUpperCase()]));
  });
  return { asked, read };
}

describe('gatherReads', () => {
  it('reads together what is asked for in one turn, each key once', async () => {
    const { asked, read } = recorded();
    expect(await Promise.all(['a', 'b', 'a', 'none'].map((key) => read(key)))).toEqual(['A', 'B', 'A', undefined]);
    expect(asked).toEqual([['a', 'b', 'none']]);
  });

  it('reads anew what is asked for later, also while the first read is under way', async () => {
    const { asked, read } = recorded();
    const first = read('a');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await Promise.all([first, read('a')])).toEqual(['A', 'A']);
    expect(asked).toEqual([['a'], ['a']]);
  });

  it('fails those alone that were read together', async () => {
    const { read } = recorded();
    const ends = await Promise.allSettled([read('a'), read('bad')]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await read('a')).toBe('A');
  });
});
