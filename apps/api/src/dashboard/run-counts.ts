import type { FlowId, WorkspaceId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import {
  countHour,
  countOtherHours,
  listDueHours,
  readKeptCounts,
  withAdvisoryLock,
  type CountedRuns,
  type CountSpan,
  type Database,
} from '@millrace/persistence';

export const hourMs = 3_600_000;
/** Hours of this time are counted as soon as they are over. */
const countedDays = 8;

/** The numbers of runs of a workspace. */
export interface RunCounter {
  /** By flow and step of `stepMs`, which is whole hours; `from` and `to` are whole hours, too. */
  read(workspaceId: WorkspaceId, span: CountSpan & { stepMs: number }): Promise<CountedRuns[]>;
  /** Those of the hours of the last days that are not kept yet, which hold the open runs that `readKeptOpen` lacks. */
  readOther(workspaceId: WorkspaceId): Promise<CountedRuns[]>;
  /** Remembers what is counted when asked, for a time that grows with what it has cost. */
  remembered(key: string, count: () => Promise<CountedRuns[]>): Promise<CountedRuns[]>;
}

const remembersMs = { atLeast: 1_000, atMost: 60_000, timesItsCost: 20 };
const maxRemembered = 500;

export function createRunCounter(database: Database): RunCounter {
  const known = new Map<string, { untilMs: number; rows: Promise<CountedRuns[]> }>();

  function remembered(key: string, count: () => Promise<CountedRuns[]>): Promise<CountedRuns[]> {
    const nowMs = performance.now();
    const found = known.get(key);
    if (found && found.untilMs > nowMs) return found.rows;
    const entry = { untilMs: Infinity, rows: count() };
    known.delete(key);
    known.set(key, entry);
    for (const oldest of known.keys()) {
      if (known.size <= maxRemembered) break;
      known.delete(oldest);
    }
    entry.rows.then(
      () => {
        const costMs = performance.now() - nowMs;
        const { atLeast, atMost, timesItsCost } = remembersMs;
        entry.untilMs = performance.now() + Math.min(atMost, Math.max(atLeast, costMs * timesItsCost));
      },
      () => known.delete(key),
    );
    return entry.rows;
  }

  function other(workspaceId: WorkspaceId, from: Date, to: Date): Promise<CountedRuns[]> {
    const key = `${workspaceId} ${from.getTime()} ${to.getTime()}`;
    return remembered(key, () => countOtherHours(database, workspaceId, { from, to }));
  }

  /** The last days and the present hour, and the next one for ids of a clock that is ahead. */
  function lastDays(): { from: Date; to: Date } {
    const hour = Math.floor(Date.now() / hourMs) * hourMs;
    return { from: new Date(hour - countedDays * 24 * hourMs), to: new Date(hour + 2 * hourMs) };
  }

  return {
    remembered,

    readOther(workspaceId) {
      const { from, to } = lastDays();
      return other(workspaceId, from, to);
    },

    async read(workspaceId, { from, to, flowId, stepMs }) {
      const last = lastDays();
      const [recent, older] = await Promise.all([
        other(workspaceId, last.from, last.to),
        from < last.from ? other(workspaceId, from, to < last.from ? to : last.from) : [],
      ]);
      // What is remembered may have been counted and kept meanwhile.
      const without = hoursIn([...recent, ...older]);
      const kept = await readKeptCounts(database, workspaceId, { from, to, flowId, stepMs, without });
      const wanted = [...recent, ...older].filter(
        ({ flowId: id, atMs }) => isOf(id, flowId) && atMs >= from.getTime() && atMs < to.getTime(),
      );
      return [...kept, ...wanted.map((row) => ({ ...row, atMs: Math.floor(row.atMs / stepMs) * stepMs }))];
    },
  };
}

/** The hours in which there were runs. */
export function hoursIn(rows: CountedRuns[]): Date[] {
  return [...new Set(rows.map(({ atMs }) => atMs))].map((atMs) => new Date(atMs));
}

function isOf(id: FlowId, wanted: FlowId | undefined): boolean {
  return wanted === undefined || id === wanted;
}

const everyMs = 60_000;
const firstAfterMs = 5_000;
const hoursAtOnce = 300;

/** Counts hours that are over, in one process at a time. Returns what ends it. */
export function startCountingHours(database: Database, logger: Logger): () => void {
  let stopped = false;
  const count = async (): Promise<void> => {
    for (const { workspaceId, hour } of await listDueHours(database, hoursAtOnce)) {
      if (stopped) return;
      await countHour(database, workspaceId, hour);
    }
  };
  const turn = (): void => {
    withAdvisoryLock(database, 'millrace.run-hours', count).catch((error: unknown) => {
      if (!stopped) logger.warn({ err: error }, 'runs could not be counted, it is tried again');
    });
  };
  const timers = [setTimeout(turn, firstAfterMs).unref(), setInterval(turn, everyMs).unref()];
  return () => {
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
  };
}
