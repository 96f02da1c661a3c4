import type { ScheduleSettings } from '@millrace/flow-model';

/** What a polling trigger has that says nothing, as the control plane publishes it. */
export const usualSchedule: ScheduleSettings = { everySeconds: 60 };

const units = [
  { name: 'day', seconds: 86_400 },
  { name: 'hour', seconds: 3_600 },
  { name: 'minute', seconds: 60 },
  { name: 'second', seconds: 1 },
] as const;

/** When a polling trigger looks for something new, in a few words: "every 5 minutes", "0 7 * * 1 (Europe/Berlin)". */
export function scheduleWords({ cron, timeZone, everySeconds }: ScheduleSettings): string {
  if (cron !== undefined) return `${cron} (${timeZone ?? 'UTC'})`;
  if (everySeconds === undefined || everySeconds <= 0) return 'no time given';
  const { name, seconds } = units.find((unit) => everySeconds % unit.seconds === 0) ?? { name: 'second', seconds: 1 };
  const count = everySeconds / seconds;
  return count === 1 ? `every ${name}` : `every ${count} ${name}s`;
}
