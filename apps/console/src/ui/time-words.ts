const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago, or ahead, a time is: "just now", "3 min ago", "in 2 h", "5 days ago", and beyond a month the date. */
export function agoWords(time: Date, now: number): string {
  const distance = now - time.getTime();
  const past = distance >= 0;
  const size = Math.abs(distance);
  if (size < minuteMs) return past ? 'just now' : 'in a moment';
  const say = (text: string): string => (past ? `${text} ago` : `in ${text}`);
  if (size < hourMs) return say(`${Math.floor(size / minuteMs)} min`);
  if (size < dayMs) return say(`${Math.floor(size / hourMs)} h`);
  const days = Math.floor(size / dayMs);
  if (days <= 30) return say(days === 1 ? '1 day' : `${days} days`);
  return time.toLocaleDateString(undefined, { dateStyle: 'medium' });
}

/** The whole time in the reader's zone and language. */
export function wholeTime(time: Date): string {
  return time.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** A length of time in the unit that fits: "45 ms", "1.2 s", "3 min 5 s", "2 h 10 min". */
export function durationWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < minuteMs) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < hourMs) return joined(Math.floor(ms / minuteMs), 'min', Math.floor((ms % minuteMs) / 1_000), 's');
  if (ms < dayMs) return joined(Math.floor(ms / hourMs), 'h', Math.floor((ms % hourMs) / minuteMs), 'min');
  return joined(Math.floor(ms / dayMs), 'd', Math.floor((ms % dayMs) / hourMs), 'h');
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
