import type { FlowId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { databaseFault, type NewRejection } from '@millrace/persistence';

/*
 * Refused calls are written behind the answer, in batches: a sender who is refused a thousand times a second must cost
 * the others nothing. What there is no room for is dropped and counted.
 */

export interface RejectionLogOptions {
  insert(rejections: readonly NewRejection[]): Promise<void>;
  logger: Logger;
  flushEveryMs?: number;
  /** Of one flow, by this instance. */
  perFlowAndMinute?: number;
  batchSize?: number;
  maxWaiting?: number;
}

export interface RejectionLog {
  /** Takes a refused call down, unless there are too many of its flow. `make` is called only when it is taken. */
  record(flowId: FlowId, make: () => NewRejection): void;
  /** Flows of which calls were written since this was last asked. */
  takeWrittenFlows(): FlowId[];
  /** Writes what waits, once. */
  close(): Promise<void>;
}

const minuteMs = 60_000;

export function createRejectionLog(options: RejectionLogOptions): RejectionLog {
  const { logger, flushEveryMs = 1_000, perFlowAndMinute = 60, batchSize = 200, maxWaiting = 2_000 } = options;
  const counts = new Map<FlowId, number>();
  const written = new Set<FlowId>();
  let waiting: NewRejection[] = [];
  let dropped = 0;
  let writing: Promise<void> | undefined;
  let closed = false;

  const minute = setInterval(() => {
    counts.clear();
    if (dropped > 0) logger.warn({ dropped }, 'records of refused calls were dropped, there were too many');
    dropped = 0;
  }, minuteMs).unref();
  const flushing = setInterval(flush, flushEveryMs).unref();

  function flush(): void {
    if (closed || writing || waiting.length === 0) return;
    const batch = waiting.splice(0, batchSize);
    writing = write(batch).then((done) => {
      writing = undefined;
      if (done && waiting.length >= batchSize) flush();
    });
  }

  /** Resolves false when the batch waits for Postgres to come back. */
  async function write(batch: NewRejection[]): Promise<boolean> {
    try {
      await options.insert(batch);
      for (const { flowId } of batch) written.add(flowId);
      return true;
    } catch (error) {
      if (databaseFault(error) === 'transient') {
        waiting = [...batch, ...waiting];
        logger.warn({ err: error, waiting: waiting.length }, 'refused calls could not be written, they wait');
        return false;
      }
      dropped += batch.length;
      logger.error({ err: error, calls: batch.length }, 'refused calls could not be written');
      return true;
    }
  }

  return {
    record(flowId, make) {
      const count = (counts.get(flowId) ?? 0) + 1;
      counts.set(flowId, count);
      if (count > perFlowAndMinute || waiting.length >= maxWaiting) {
        dropped += 1;
        return;
      }
      waiting.push(make());
      if (waiting.length === batchSize) flush();
    },
    takeWrittenFlows() {
      const flows = [...written];
      written.clear();
      return flows;
    },
    async close() {
      closed = true;
      clearInterval(minute);
      clearInterval(flushing);
      await writing;
      while (waiting.length > 0) if (!(await write(waiting.splice(0, batchSize)))) return;
    },
  };
}
