import { expect, it } from 'vitest';
import { axisEnd, bucketWords, spanOf, spansByLength } from './span.js';

it('takes any word for a span, and those that are none for a day', () => {
  expect(spanOf('7d').words).toBe('7 days');
  expect(spanOf('x').value).toBe('24h');
  expect(spanOf('').value).toBe('24h');
  expect(spansByLength.map(({ value }) => value)).toEqual(['1h', '24h', '7d', '30d']);
});

it.each([
  [0, 2],
  [1, 2],
  [3, 4],
  [7, 10],
  [11, 20],
  [45, 50],
  [101, 200],
  [999_999, 1_000_000],
])('ends the axis for %i at %i, which has a middle', (count, end) => {
  expect(axisEnd(count)).toBe(end);
});

it('calls a bucket by its hour or its day', () => {
  const noon = new Date(2026, 2, 10, 12).toISOString();
  expect(bucketWords(noon, 3_600)).toMatch(/12:00/);
  expect(bucketWords(noon, 86_400)).toMatch(/10/);
  expect(bucketWords(noon, 86_400)).not.toMatch(/12:00/);
  expect(bucketWords(noon, 21_600)).toMatch(/10.*12:00/);
});
