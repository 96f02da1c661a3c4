import { expect, it } from 'vitest';
import { expiryTime } from './expiry.js';

const now = Date.parse('2026-01-31T09:00:00Z');

it('counts days from now, or to the end of a day, or never', () => {
  expect(expiryTime('30', '', now)).toBe('2026-03-02T09:00:00.000Z');
  expect(expiryTime('date', '2026-02-03', now)).toBe(new Date('2026-02-03T23:59:59').toISOString());
  expect(expiryTime('never', '', now)).toBeNull();
});

it('has no time while no day is chosen', () => {
  expect(expiryTime('date', '', now)).toBeUndefined();
});
