import { Cron } from 'croner';
import { z } from 'zod';

/** When a polling trigger is called, as a draft holds it: a cron expression, or an interval. May be incomplete. */
export interface ScheduleSettings {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron?: string | undefined;
  /** An IANA name; UTC without one. */
  timeZone?: string | undefined;
  everySeconds?: number | undefined;
}

/** A schedule that was checked. */
export type Schedule = { kind: 'cron'; cron: string; timeZone: string } | { kind: 'interval'; everySeconds: number };

export interface ScheduleFault {
  /** The field that is wrong; `undefined` when it is the whole. */
  field?: keyof ScheduleSettings;
  code: 'invalid_schedule' | 'unknown_time_zone';
  message: string;
}

/** Of a polling trigger that says nothing. */
export const defaultSchedule: ScheduleSettings = { everySeconds: 60 };

const shortestSeconds = 5;
const longestSeconds = 31 * 86_400;
const usualTimeZone = 'UTC';

/** The outer shape; what it does not refuse is judged by `readSchedule`. */
export const scheduleSettingsSchema: z.ZodType<ScheduleSettings> = z.strictObject({
  cron: z.string().max(200).optional(),
  timeZone: z.string().max(64).optional(),
  everySeconds: z.number().optional(),
});

/** Reads a schedule, or says what is wrong with it. */
export function readSchedule(
  settings: ScheduleSettings,
): { ok: true; schedule: Schedule } | { ok: false; faults: ScheduleFault[] } {
  const { cron, timeZone, everySeconds } = settings;
  if ((cron === undefined) === (everySeconds === undefined)) {
    const message = 'A schedule has either “cron” or “everySeconds”: give one of the two.';
    return { ok: false, faults: [{ code: 'invalid_schedule', message }] };
  }
  const faults = cron === undefined ? intervalFaults(settings) : cronFaults(cron, timeZone);
  if (faults.length > 0) return { ok: false, faults };
  if (cron !== undefined) return { ok: true, schedule: { kind: 'cron', cron, timeZone: timeZone ?? usualTimeZone } };
  return { ok: true, schedule: { kind: 'interval', everySeconds: everySeconds ?? 0 } };
}

/** The first time of a schedule that begins at `nowMs`: an interval begins at once. */
export function firstTime(schedule: Schedule, nowMs: number): number {
  return schedule.kind === 'interval' ? nowMs : nextTime(schedule, { dueAtMs: nowMs, nowMs });
}

/**
 * The next time of a schedule after now, in milliseconds since the epoch. An interval keeps to the grid that `dueAtMs`, a
 * time of it, is on. Times that were missed are left out.
 */
export function nextTime(schedule: Schedule, { dueAtMs, nowMs }: { dueAtMs: number; nowMs: number }): number {
  // Clocks differ: a time that has been taken does not come again.
  const afterMs = Math.max(dueAtMs, nowMs);
  if (schedule.kind === 'interval') {
    const everyMs = schedule.everySeconds * 1000;
    return dueAtMs + (Math.floor((afterMs - dueAtMs) / everyMs) + 1) * everyMs;
  }
  const next = expressionOf(schedule.cron, schedule.timeZone).nextRun(new Date(afterMs));
  if (!next) throw new Error(`the schedule ${schedule.cron} has no next time`);
  return next.getTime();
}

/**
 * In a night in which clocks change, a time of day that does not exist is moved to the first one that does, and one that
 * comes twice counts once; what comes every so many minutes goes on by the real time.
 */
function expressionOf(cron: string, timezone: string): Cron {
  return new Cron(cron, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
}

function cronFaults(cron: string, timeZone: string | undefined): ScheduleFault[] {
  const faults: ScheduleFault[] = [];
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const message = `There is no time zone “${timeZone}”: use a name such as Europe/Berlin.`;
    faults.push({ field: 'timeZone', code: 'unknown_time_zone', message });
  }
  const reason = cronFault(cron);
  if (reason !== undefined) faults.push({ field: 'cron', code: 'invalid_schedule', message: reason });
  return faults;
}

/** What is wrong with a cron expression, in words. */
function cronFault(cron: string): string | undefined {
  const wanted = 'give minute, hour, day of the month, month and day of the week, such as “*/5 * * * *”.';
  let next: Date | null;
  try {
    const expression = expressionOf(cron, usualTimeZone);
    if (expression.getOnce()) return `“${cron}” is one moment and no schedule: ${wanted}`;
    next = expression.nextRun();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return `“${cron}” is no cron expression (${reason}): ${wanted}`;
  }
  return next ? undefined : `“${cron}” never comes: no month has such a day.`;
}

function intervalFaults({ everySeconds = 0, timeZone }: ScheduleSettings): ScheduleFault[] {
  const faults: ScheduleFault[] = [];
  if (timeZone !== undefined) {
    const message = 'An interval has no time zone: remove it, or use “cron”.';
    faults.push({ field: 'timeZone', code: 'invalid_schedule', message });
  }
  if (!Number.isInteger(everySeconds) || everySeconds < shortestSeconds || everySeconds > longestSeconds) {
    const message = `An interval is a whole number of seconds from ${shortestSeconds} to ${longestSeconds}.`;
    faults.push({ field: 'everySeconds', code: 'invalid_schedule', message });
  }
  return faults;
}

function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // Offsets are none: they know nothing of clocks that change.
    return /^[A-Za-z]/.test(timeZone);
  } catch {
    return false;
  }
}
