import { describe, expect, it } from 'vitest';

import { Turns } from './turns.js';

/** Begins all that may. */
function begun(turns: Turns<string>): string[] {
  const items: string[] = [];
  for (let item = turns.next(); item !== undefined; item = turns.next()) items.push(item);
  return items;
}

describe('Turns', () => {
  it('lets as many share as it is told', () => {
    const turns = new Turns<string>(2);
    for (const item of ['a', 'b', 'c']) turns.add(item, 'shared');
    expect(begun(turns)).toEqual(['a', 'b']);
    turns.end();
    expect(begun(turns)).toEqual(['c']);
  });

  it('begins one alone only when nothing runs, and nothing beside it', () => {
    const turns = new Turns<string>(3);
    turns.add('a', 'shared');
    expect(begun(turns)).toEqual(['a']);
    turns.add('suspect', 'alone');
    turns.add('b', 'shared');
    expect(begun(turns)).toEqual([]);
    turns.end();
    expect(begun(turns)).toEqual(['suspect']);
    turns.add('c', 'shared');
    expect(begun(turns)).toEqual([]);
    turns.end();
    expect(turns.anyAlone).toBe(false);
    expect(begun(turns)).toEqual(['b', 'c']);
  });

  it('alternates, so that a stream of either kind does not starve the other', () => {
    const turns = new Turns<string>(5);
    const order: string[] = [];
    turns.add('s0', 'alone');
    turns.add('a0', 'shared');
    for (let round = 1; round < 4; round += 1) {
      const items = begun(turns);
      order.push(items.join());
      turns.add(`s${round}`, 'alone');
      turns.add(`a${round}`, 'shared');
      for (const _item of items) turns.end();
    }
    expect(order).toEqual(['s0', 'a0,a1', 's1']);
  });

  it('gives out what still waits', () => {
    const turns = new Turns<string>(1);
    for (const item of ['a', 'b']) turns.add(item, 'shared');
    turns.add('s', 'alone');
    expect(turns.remove((item) => item !== 'a')).toEqual(['b', 's']);
    expect(begun(turns)).toEqual(['a']);
  });
});
