import { expect, it } from 'vitest';
import { readRangeHeader } from './range-header.js';

const all = undefined;

it.each([
  ['bytes=0-0', { from: 0, to: 0 }],
  ['bytes=10-19', { from: 10, to: 19 }],
  ['bytes=90-', { from: 90, to: 99 }],
  ['bytes=90-1000', { from: 90, to: 99 }],
  ['bytes=-1', { from: 99, to: 99 }],
  ['bytes=-1000', { from: 0, to: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=20-10', all],
  ['bytes=-', all],
  ['bytes=0-1,5-6', all],
  ['bytes=1e3-', all],
  ['lines=0-1', all],
  [undefined, all],
])('reads %j of a file of 100 bytes', (header, range) => {
  expect(readRangeHeader(header, 100)).toEqual(range);
});

it('has no range within an empty file', () => {
  expect(readRangeHeader('bytes=0-', 0)).toBe('unsatisfiable');
  expect(readRangeHeader('bytes=-5', 0)).toBe('unsatisfiable');
});
