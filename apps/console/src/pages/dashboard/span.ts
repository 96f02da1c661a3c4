/** How far back the dashboard looks. */
export interface Span {
  value: string;
  label: string;
  /** As in "in the last 24 hours". */
  words: string;
  ms: number;
}

const hourMs = 3_600_000;

export const spans: readonly [Span, ...Span[]] = [
  { value: '24h', label: '24 h', words: '24 hours', ms: 24 * hourMs },
  { value: '1h', label: '1 h', words: 'hour', ms: hourMs },
  { value: '7d', label: '7 d', words: '7 days', ms: 7 * 24 * hourMs },
  { value: '30d', label: '30 d', words: '30 days', ms: 30 * 24 * hourMs },
];

/** In the order of their length, for the chooser. */
export const spansByLength = spans.toSorted((one, other) => one.ms - other.ms);

/** The span of this word; the usual one for any other. */
export function spanOf(value: string): Span {
  return spans.find((span) => span.value === value) ?? spans[0];
}

/** What a bucket of the chart is called: its hour within a day, else its day. */
export function bucketWords(at: string, bucketSeconds: number): string {
  const time = new Date(at);
  if (bucketSeconds >= 86_400) return time.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  const clock = time.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
  if (bucketSeconds < 3_600 * 2) return clock;
  return `${time.toLocaleDateString(undefined, { day: 'numeric', month: 'short' })}, ${clock}`;
}

/** The least round number that is not below a count: where the axis of the chart ends. */
export function axisEnd(count: number): number {
  for (let unit = 1; ; unit *= 10) {
    for (const step of [1, 2, 4, 5]) if (step * unit >= count && (step * unit) % 2 === 0) return step * unit;
  }
}
