import { expect, it } from 'vitest';
import { valueAt, withoutLeaves } from './strip-leaves.js';

const value = { a: [1, { 'b/c': 'x' }], '~d': 'y', toString: 'z' };

it('finds what is at a pointer, and nothing else', () => {
  const at = (pointer: string) => valueAt(value, pointer);
  expect([at(''), at('/a/1/b~1c'), at('/~0d'), at('/toString')]).toEqual([value, 'x', 'y', 'z']);
  expect([at('/a/7'), at('/constructor'), at('/a/0/b')]).toEqual([undefined, undefined, undefined]);
});

it('takes out what is at pointers and leaves the rest at its place', () => {
  expect(withoutLeaves(value, new Set(['/a/0', '/a/1/b~1c']))).toEqual({
    a: [null, { 'b/c': null }],
    '~d': 'y',
    toString: 'z',
  });
  expect(withoutLeaves('x', new Set(['']))).toBeNull();
});
