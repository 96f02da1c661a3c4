import { defaultSchedule } from '@millrace/flow-model';
import { expect, it } from 'vitest';
import { scheduleWords, usualSchedule } from './schedule-words.js';

it('shows as usual what is published', () => {
  expect(usualSchedule).toEqual(defaultSchedule);
});

it('says a schedule in the largest unit that fits, or as its cron expression with the time zone', () => {
  const said = [1, 5, 60, 90, 300, 3_600, 172_800].map((everySeconds) => scheduleWords({ everySeconds }));
  expect(said).toEqual([
    'every second',
    'every 5 seconds',
    'every minute',
    'every 90 seconds',
    'every 5 minutes',
    'every hour',
    'every 2 days',
  ]);
  expect(scheduleWords({ cron: '0 7 * * 1', timeZone: 'Europe/Berlin' })).toBe('0 7 * * 1 (Europe/Berlin)');
  expect(scheduleWords({ cron: '0 7 * * 1' })).toBe('0 7 * * 1 (UTC)');
  expect([scheduleWords({}), scheduleWords({ everySeconds: 0 })]).toEqual(['no time given', 'no time given']);
});
