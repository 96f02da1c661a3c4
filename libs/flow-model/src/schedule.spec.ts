import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstTime, nextTime, readSchedule, type Schedule, type ScheduleSettings } from './index.js';

function scheduleOf(settings: ScheduleSettings): Schedule {
  const read = readSchedule(settings);
  if (!read.ok) throw new Error(read.faults.map(({ message }) => message).join(' '));
  return read.schedule;
}

/** The times of a schedule that follow one another, each taken at its time. */
function times(settings: ScheduleSettings, from: string, count = 4): string[] {
  const schedule = scheduleOf(settings);
  const found: string[] = [];
  for (let at = Date.parse(from); found.length < count;) {
    at = nextTime(schedule, { dueAtMs: at, nowMs: at });
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('a cron expression', () => {
  it('is read in UTC unless it has a time zone', () => {
    expect(times({ cron: '*/20 9 * * MON-FRI' }, '2026-11-20T09:30:00Z')).toEqual([
      '2026-11-20T09:40Z',
      '2026-11-23T09:00Z',
      '2026-11-23T09:20Z',
      '2026-11-23T09:40Z',
    ]);
    expect(times({ cron: '0 9 * * *', timeZone: 'Asia/Kathmandu' }, '2026-11-20T00:00:00Z', 1)).toEqual([
      '2026-11-20T03:15Z',
    ]);
  });

  it('that comes in the hour that does not exist comes right after it, that day alone', () => {
    expect(times({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, '2026-03-28T10:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ]);
    expect(times({ cron: '30 2,14 * * *', timeZone: 'Europe/Berlin' }, '2026-03-28T20:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T12:30Z',
    ]);
  });

  it('that comes in the hour that comes twice comes once, and keeps to the clock on the wall after it', () => {
    expect(times({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, '2026-10-24T10:00:00Z', 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  it('that comes every so many minutes goes on by the real time when clocks change', () => {
    const every = { cron: '*/30 * * * *', timeZone: 'Europe/Berlin' };
    expect(times(every, '2026-10-25T00:00:00Z')).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
      '2026-10-25T02:00Z',
    ]);
    expect(times(every, '2026-03-29T00:30:00Z', 2)).toEqual(['2026-03-29T01:00Z', '2026-03-29T01:30Z']);
  });

  it('that was missed many times comes next after now', () => {
    const schedule = scheduleOf({ cron: '0 * * * *' });
    const [dueAtMs, nowMs] = [Date.parse('2026-11-20T09:00:00Z'), Date.parse('2026-11-22T17:05:00Z')];
    expect(nextTime(schedule, { dueAtMs, nowMs })).toBe(Date.parse('2026-11-22T18:00:00Z'));
  });

  it('does not come again at the same time where the clock is behind', () => {
    const schedule = scheduleOf({ cron: '0 * * * *' });
    const [dueAtMs, nowMs] = [Date.parse('2026-11-20T09:00:00Z'), Date.parse('2026-11-20T08:59:58Z')];
    expect(nextTime(schedule, { dueAtMs, nowMs })).toBe(Date.parse('2026-11-20T10:00:00Z'));
  });

  it.each([
    ['', 'is no cron expression'],
    ['* * *', 'is no cron expression'],
    ['*/10 * * * * *', 'is no cron expression'],
    ['61 * * * *', 'Invalid value for minute: 61'],
    ['every day', 'is no cron expression'],
    ['@reboot', 'is no cron expression'],
    ['2030-01-01T00:00:00', 'is one moment and no schedule'],
    ['0 0 31 2 *', 'never comes'],
  ])('“%s” is refused with the reason', (cron, reason) => {
    const read = readSchedule({ cron });
    expect(read).toMatchObject({
      ok: false,
      faults: [{ field: 'cron', code: 'invalid_schedule', message: expect.stringContaining(reason) as string }],
    });
  });

  it.each(['Europe/Nowhere', '', '+05:00', 'constructor'])('is refused with the time zone “%s”', (timeZone) => {
    expect(readSchedule({ cron: '0 9 * * *', timeZone })).toMatchObject({
      ok: false,
      faults: [{ field: 'timeZone', code: 'unknown_time_zone' }],
    });
  });
});

describe('an interval', () => {
  it('begins at once and then keeps its grid', () => {
    const schedule = scheduleOf({ everySeconds: 60 });
    expect(firstTime(schedule, 1_000)).toBe(1_000);
    expect(nextTime(schedule, { dueAtMs: 1_000, nowMs: 1_400 })).toBe(61_000);
    expect(nextTime(schedule, { dueAtMs: 1_000, nowMs: 61_000 })).toBe(121_000);
    expect(nextTime(schedule, { dueAtMs: 1_000, nowMs: 3_600_000 })).toBe(3_601_000);
  });

  it('comes next after now, at most its length later, and on its grid, however late one is', () => {
    const milliseconds = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 86_400 }), milliseconds, milliseconds, (everySeconds, dueAtMs, nowMs) => {
        const next = nextTime({ kind: 'interval', everySeconds }, { dueAtMs, nowMs });
        const after = Math.max(dueAtMs, nowMs);
        expect(next).toBeGreaterThan(after);
        expect(next - after).toBeLessThanOrEqual(everySeconds * 1000);
        expect((next - dueAtMs) % (everySeconds * 1000)).toBe(0);
      }),
    );
  });

  it.each([4, 5.5, 0, -60, 1e9])('of %d seconds is refused', (everySeconds) => {
    expect(readSchedule({ everySeconds })).toMatchObject({ ok: false, faults: [{ field: 'everySeconds' }] });
  });

  it('has no time zone', () => {
    expect(readSchedule({ everySeconds: 60, timeZone: 'Europe/Berlin' })).toMatchObject({
      ok: false,
      faults: [{ field: 'timeZone', code: 'invalid_schedule' }],
    });
  });
});

describe('a schedule', () => {
  it.each([{}, { cron: '* * * * *', everySeconds: 60 }])('is one of the two, which %j is not', (settings) => {
    const read = readSchedule(settings);
    expect(read).toMatchObject({ ok: false, faults: [{ code: 'invalid_schedule' }] });
    expect(read.ok ? {} : read.faults[0]).not.toHaveProperty('field');
  });
});
