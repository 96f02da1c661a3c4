import { describe, expect, it } from 'vitest';
import { agoWords, durationWords } from './time-words.js';

const now = Date.parse('2026-03-10T12:00:00Z');
const at = (seconds: number): string => agoWords(new Date(now - seconds * 1_000), now);

describe('the distance of a time', () => {
  it.each([
    [0, 'just now'],
    [59, 'just now'],
    [60, '1 min ago'],
    [3_599, '59 min ago'],
    [7_300, '2 h ago'],
    [86_400, '1 day ago'],
    [86_400 * 30, '30 days ago'],
    [-30, 'in a moment'],
    [-120, 'in 2 min'],
  ])('of %i s is said as "%s"', (seconds, words) => {
    expect(at(seconds)).toBe(words);
  });

  it('beyond a month is a date', () => {
    expect(at(86_400 * 40)).toMatch(/2026/);
  });
});

describe('a length of time', () => {
  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [1_250, '1.3 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [90_000_000, '1 d 1 h'],
  ])('of %d ms is said as "%s"', (ms, words) => {
    expect(durationWords(ms)).toBe(words);
  });
});
