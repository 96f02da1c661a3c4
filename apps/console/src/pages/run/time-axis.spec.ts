import fc from 'fast-check';
import { expect, it } from 'vitest';
import { barOf, timeAxis } from './time-axis.js';

const at = (ms: number): string => new Date(Date.UTC(2026, 2, 10) + ms).toISOString();
const now = Date.parse(at(10_000));

it('has round ticks over the whole of a run', () => {
  const axis = timeAxis([{ startedAt: at(0), finishedAt: at(730) }], now);
  expect(axis.spanMs).toBe(730);
  expect(axis.ticks.map(({ ms }) => ms)).toEqual([0, 500]);
});

it('lets what is open last until now', () => {
  const axis = timeAxis([{ startedAt: at(0), finishedAt: null }], now);
  expect(axis.spanMs).toBe(10_000);
  expect(barOf(axis, at(5_000), null, now)).toEqual({ left: 50, width: 50 });
});

it('is there for a run without steps', () => {
  expect(timeAxis([], now).ticks).toEqual([]);
});

it('shows every stretch inside of its bounds, however short it is or odd its times', () => {
  const time = fc.integer({ min: 0, max: 86_400_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(time, fc.option(time)), { minLength: 1, maxLength: 20 }), (pairs) => {
      const times = pairs.map(([start, end]) => ({ startedAt: at(start), finishedAt: end === null ? null : at(end) }));
      const axis = timeAxis(times, now);
      expect(axis.ticks.length).toBeLessThanOrEqual(4);
      for (const { startedAt, finishedAt } of times) {
        const { left, width } = barOf(axis, startedAt, finishedAt, now);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(width).toBeGreaterThan(0);
        expect(left + width).toBeLessThanOrEqual(100.001);
      }
    }),
  );
});
