import { millisOf, type FlowId, type RunId, type WorkspaceId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { databaseFault, type AcceptedCount } from '@millrace/persistence';

/*
 * Accepted calls are counted per flow and hour, in memory, and written behind the answers: the ledger compares them with
 * the runs there are. A count is written one round after it was made, so that whoever reads it finds the runs of it
 * already. What a process that is killed has not written is missing in the counts: they may be too low, never too high.
 */

export interface AcceptedCallsOptions {
  /** Writes whole counts, not what was added, so that a repeated write says the same. */
  write(counts: readonly AcceptedCount[]): Promise<void>;
  logger: Logger;
  roundMs?: number;
  batchSize?: number;
  /** Milliseconds since the epoch. */
  clock?: () => number;
}

export interface AcceptedCalls {
  /** Counts a call that the broker holds, in the hour in which it came. */
  count(flow: { flowId: FlowId; workspaceId: WorkspaceId }, runId: RunId): void;
  /** Writes what is not written yet, once. */
  close(): Promise<void>;
}

interface Counter extends AcceptedCount {
  /** As it stood at the last round. */
  settled: number;
  written: number;
}

const hourMs = 3_600_000;
/** A call is counted when it is accepted, and a body may take a quarter of an hour to come in. */
const countedForMs = 2 * hourMs;

export function createAcceptedCalls(options: AcceptedCallsOptions): AcceptedCalls {
  const { logger, roundMs = 5_000, batchSize = 1_000, clock = Date.now } = options;
  /** The newest hour of a flow comes first. */
  const counters = new Map<FlowId, Counter[]>();
  let writing: Promise<void> | undefined;

  const timer = setInterval(() => {
    writing ??= round().finally(() => (writing = undefined));
  }, roundMs).unref();

  async function round(): Promise<void> {
    await write((counter) => counter.settled);
    for (const counter of all()) counter.settled = counter.calls;
    forgetPast();
  }

  async function write(upTo: (counter: Counter) => number): Promise<void> {
    const due = all().flatMap((counter) => {
      const calls = upTo(counter);
      return calls > counter.written ? [{ counter, calls }] : [];
    });
    for (let at = 0; at < due.length; at += batchSize) {
      const portion = due.slice(at, at + batchSize);
      try {
        await options.write(
          portion.map(({ counter: { flowId, workspaceId, hourMs: hour }, calls }) => {
            return { flowId, workspaceId, hourMs: hour, calls };
          }),
        );
        for (const { counter, calls } of portion) counter.written = calls;
      } catch (error) {
        const waits = databaseFault(error) === 'transient';
        logger[waits ? 'warn' : 'error']({ err: error, flows: portion.length }, 'counts of accepted calls wait');
        if (waits) return;
      }
    }
  }

  function all(): Counter[] {
    return [...counters.values()].flat();
  }

  function forgetPast(): void {
    const before = clock() - countedForMs - hourMs;
    for (const [flowId, hours] of counters) {
      const kept = hours.filter((one) => one.hourMs > before || one.written < one.calls);
      if (kept.length === 0) counters.delete(flowId);
      else if (kept.length < hours.length) counters.set(flowId, kept);
    }
  }

  return {
    count({ flowId, workspaceId }, runId) {
      const millis = millisOf(runId);
      const hour = millis - (millis % hourMs);
      const hours = counters.get(flowId);
      const counter = hours?.find((one) => one.hourMs === hour);
      if (counter) {
        counter.calls += 1;
        return;
      }
      const first = { flowId, workspaceId, hourMs: hour, calls: 1, settled: 0, written: 0 };
      counters.set(flowId, [first, ...(hours ?? [])]);
    },
    async close() {
      clearInterval(timer);
      await writing;
      await write((counter) => counter.calls);
    },
  };
}
