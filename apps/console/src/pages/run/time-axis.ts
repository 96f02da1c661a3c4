/** A stretch of a run's time, in per cent of the whole. */
export interface Bar {
  left: number;
  width: number;
}

export interface TimeAxis {
  startMs: number;
  spanMs: number;
  ticks: { at: number; ms: number }[];
}

const steps = [1, 2, 5];
const minWidth = 0.6;

/** The axis over some times; open ones last until `now`. */
export function timeAxis(times: readonly { startedAt: string; finishedAt: string | null }[], nowMs: number): TimeAxis {
  const starts = times.map(({ startedAt }) => Date.parse(startedAt));
  const ends = times.map(({ startedAt, finishedAt }) =>
    Math.max(Date.parse(startedAt), finishedAt === null ? nowMs : Date.parse(finishedAt)),
  );
  let startMs = Number.POSITIVE_INFINITY;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const time of starts) startMs = Math.min(startMs, time);
  for (const time of ends) endMs = Math.max(endMs, time);
  if (!Number.isFinite(startMs)) return { startMs: nowMs, spanMs: 1, ticks: [] };
  const spanMs = Math.max(1, endMs - startMs);
  const every = tickEvery(spanMs);
  const ticks = Array.from({ length: Math.floor(spanMs / every) + 1 }, (_, index) => ({
    at: ((index * every) / spanMs) * 100,
    ms: index * every,
  }));
  return { startMs, spanMs, ticks };
}

/** Where a time lies on the axis. Wide enough to be seen, and never beyond its end. */
export function barOf(axis: TimeAxis, startedAt: string, finishedAt: string | null, nowMs: number): Bar {
  const start = Date.parse(startedAt);
  const end = finishedAt === null ? nowMs : Date.parse(finishedAt);
  const left = clamp(((start - axis.startMs) / axis.spanMs) * 100, 0, 100 - minWidth);
  const width = clamp((Math.max(0, end - start) / axis.spanMs) * 100, minWidth, 100 - left);
  return { left, width };
}

/** A round length, so that one to three of it fit into the whole. */
function tickEvery(spanMs: number): number {
  for (let unit = 1; ; unit *= 10) {
    for (const step of steps) if (step * unit * 3 >= spanMs) return step * unit;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
