/** A time of a schedule that was taken. */
export interface Tick {
  readonly scheduledAt: string;
  /** When it was, at the latest. */
  readonly firedAt: string;
}

/** What the probe's polling trigger gives: polls are counted in its snapshot, those that find nothing are told later. */
export interface PollOutput extends Tick {
  readonly count: number;
  readonly empty: readonly Tick[];
}

/** What passes in calm between the time of a poll and its beginning, at most. */
const lateByMs = 3_000;

/**
 * Polls that are missing or too many, and snapshots that do not go with their outputs. What was missed, for the poll before
 * was still under way or nobody was there, is made up for by one poll: the next time is the first one after it had begun.
 */
export function scheduleFaults(
  polls: readonly (PollOutput & { readonly id: string })[],
  { everyMs, closedAt }: { everyMs: number; closedAt: number },
): string[] {
  const faults: string[] = [];
  const ticks: { at: number; begunBy: number }[] = [];
  let counted = 0;
  for (const { id, count, empty, ...tick } of polls.toSorted((one, other) => one.count - other.count)) {
    // A snapshot that was saved without its outputs leaves a number out; outputs without their snapshot repeat one.
    if (count !== counted + empty.length + 1) {
      faults.push(`${id} is poll ${count}, after ${counted} and ${empty.length} empty`);
    }
    counted = count;
    for (const one of [...empty, tick])
      ticks.push({ at: Date.parse(one.scheduledAt), begunBy: Date.parse(one.firedAt) });
  }
  ticks.slice(1).forEach(({ at }, index) => {
    const before = ticks[index];
    if (!before) return;
    const nextAt = before.at + everyMs * (Math.floor(Math.max(0, before.begunBy - before.at) / everyMs) + 1);
    const when = new Date(at).toISOString();
    if ((at - before.at) % everyMs !== 0) faults.push(`the poll of ${when} is off the grid of its schedule`);
    if (at <= before.at) faults.push(`the time ${when} was taken again`);
    if (at > nextAt) faults.push(`no poll was made for ${new Date(nextAt).toISOString()}, the next was for ${when}`);
  });
  const last = ticks.at(-1)?.at ?? 0;
  // The very last one may have found nothing, and then only the snapshot knows of it.
  if (last < closedAt - 2 * everyMs - lateByMs) faults.push(`the last poll was for ${new Date(last).toISOString()}`);
  return faults;
}
