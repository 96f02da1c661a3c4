import { expect, it } from 'vitest';
import { dayBound } from './day-bounds.js';

it('takes a day with all its hours in the zone of the reader', () => {
  expect(dayBound('2026-01-31', 'from')).toBe(new Date(2026, 0, 31).toISOString());
  expect(dayBound('2026-01-31', 'to')).toBe(new Date(2026, 1, 1).toISOString());
});

it.each(['', 'yesterday', '2026-13-45', '2026-01-31T09:00'])('takes %j for none', (day) => {
  expect(dayBound(day, 'from')).toBeUndefined();
});
