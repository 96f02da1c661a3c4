import type { TimestampRule } from './scheme.js';

/** What is wrong with a timestamp; `undefined` when it is fresh. */
export type TimestampFault = 'malformed_timestamp' | 'timestamp_too_old' | 'timestamp_in_future';

/** Ten digits are seconds from 2001 to 2286, thirteen the same in milliseconds. Anything else is no timestamp. */
const patterns = { seconds: /^\d{10}$/, milliseconds: /^\d{13}$/ };

/** The time that a text names, in milliseconds; `undefined` when it is not exactly of the unit. */
export function timestampMs(text: string, unit: TimestampRule['unit']): number | undefined {
  if (unit !== 'milliseconds' && patterns.seconds.test(text)) return Number(text) * 1_000;
  if (unit !== 'seconds' && patterns.milliseconds.test(text)) return Number(text);
  return undefined;
}

/** Judges a timestamp. Both directions count: a clock that is ahead would let a request live longer. */
export function timestampFault(text: string, rule: TimestampRule, nowMs: number): TimestampFault | undefined {
  const sentMs = timestampMs(text, rule.unit);
  if (sentMs === undefined) return 'malformed_timestamp';
  const toleranceMs = rule.toleranceSeconds * 1_000;
  if (nowMs - sentMs > toleranceMs) return 'timestamp_too_old';
  return sentMs - nowMs > toleranceMs ? 'timestamp_in_future' : undefined;
}
