import type { Logger } from '@millrace/observability';

import type { Delivery, Outcome } from './delivery.js';
import type { Parker } from './parking.js';
import type { AmqpSession } from './session.js';
import type { QueueSource } from './queue-source.js';
import { Subscription, type Consumer, type Lease } from './subscription.js';

export interface ConsumeBatchesOptions {
  queue: QueueSource;
  /** Deliveries that the broker sends ahead; at least `maxBatch` times `concurrentBatches`, better one batch more. */
  prefetch: number;
  maxBatch: number;
  /** Bodies of one batch in bytes; one message is taken in any case. Default 16 MiB. */
  maxBatchBytes?: number;
  /** Bodies held at the same time, in bytes. Past that no more is taken from the queue; default 64 MiB. */
  maxHeldBytes?: number;
  /** How long the first delivery of a batch may wait for more; default 0: a batch is what has arrived. */
  maxWaitMs?: number;
  /** Default 1. With 2, one batch can commit while another waits for its confirms. */
  concurrentBatches?: number;
  logger: Logger;
  park: Parker;
  /** Called after each subscription, the first one too. */
  onSubscribed?: () => void;
  /**
   * Must resolve with one outcome per delivery in the same order, `done` only when all that follows from it is durable. A throw
   * is `redeliver` for all of them. The outcome of some may come `later`: they keep their places in `prefetch`, and the batch
   * is over without them. An `ending` that rejects is `redeliver`.
   */
  handle(batch: Delivery[]): Promise<BatchOutcome[]>;
}

/** What becomes of a delivery of a batch: known when the batch is over, or later. */
export type BatchOutcome = Outcome | { outcome: 'later'; ending: Promise<Outcome> };

/** A held ack mostly needs the one batch before it to end; past that it is not worth a prefetch slot. */
const HOLD_ACKS_MS = 50;
const DEFAULT_MAX_BATCH_BYTES = 16 * 1024 * 1024;
/** A delivery that came back this often is handled alone, so that it cannot make others fail with it. */
const ALONE_AFTER = 2;

/**
 * Consumes a queue in batches that adapt to the load: idle, a batch is one message and starts at once; under load it is what
 * arrived while the batches before it were handled, up to `maxBatch`. Settles as `consume` does.
 */
export function consumeBatches(session: AmqpSession, options: ConsumeBatchesOptions): Consumer {
  const { maxBatch, maxBatchBytes = DEFAULT_MAX_BATCH_BYTES, maxWaitMs = 0, concurrentBatches = 1 } = options;
  let waiting: Lease[] = [];
  let running = 0;
  let scheduled: NodeJS.Immediate | undefined;
  let lingering: NodeJS.Timeout | undefined;

  const subscription = new Subscription({
    session,
    queue: options.queue,
    prefetch: options.prefetch,
    maxHeldBytes: options.maxHeldBytes,
    logger: options.logger,
    park: options.park,
    holdAcksMs: HOLD_ACKS_MS,
    onSubscribed: options.onSubscribed,
    onDelivery(lease) {
      waiting.push(lease);
      if (running < concurrentBatches) schedule();
    },
    onLost: dropDead,
  });

  /** After the present turn of the event loop, in which more of the same read from the socket may arrive. */
  function schedule(): void {
    if (maxWaitMs > 0 && waiting.length < maxBatch) lingering ??= setTimeout(startBatches, maxWaitMs);
    else scheduled ??= setImmediate(startBatches);
  }

  function startBatches(): void {
    stopWaiting();
    while (running < concurrentBatches && waiting.length > 0) {
      const batch = takeBatch();
      if (batch.length > 0) void run(batch);
    }
  }

  /** As many as may go together: the first in any case, then until a suspect comes or the batch is full. */
  function takeBatch(): Lease[] {
    const first = waiting[0];
    if (!first) return [];
    if (isSuspect(first)) return waiting.splice(0, 1);
    let count = 0;
    let bytes = 0;
    for (const lease of waiting) {
      bytes += lease.delivery.body.length;
      if (count === maxBatch || (count > 0 && bytes > maxBatchBytes) || isSuspect(lease)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  /** Of a channel that is gone: the broker delivers these again. */
  function dropDead(): void {
    const dead = waiting.filter((lease) => lease.acks.dead);
    waiting = waiting.filter((lease) => !lease.acks.dead);
    for (const lease of dead) subscription.drop(lease);
  }

  async function run(batch: Lease[]): Promise<void> {
    running += 1;
    subscription.hold(batch.length);
    const outcomes = await outcomesOf(batch);
    running -= 1;
    for (const [index, lease] of batch.entries()) {
      const outcome = outcomes[index] ?? { outcome: 'redeliver' };
      if (outcome.outcome === 'later') void settleLater(lease, outcome.ending);
      else subscription.settle(lease, outcome);
    }
    if (waiting.length > 0 && !subscription.closing) schedule();
  }

  async function settleLater(lease: Lease, ending: Promise<Outcome>): Promise<void> {
    const outcome = await ending.catch((error: unknown): Outcome => {
      options.logger.warn({ err: error, queue: subscription.queue }, 'the handler failed, its message comes again');
      return { outcome: 'redeliver' };
    });
    subscription.settle(lease, outcome);
  }

  async function outcomesOf(batch: Lease[]): Promise<BatchOutcome[]> {
    try {
      const outcomes = await options.handle(batch.map((lease) => lease.delivery));
      if (outcomes.length === batch.length) return outcomes;
      throw new Error(`The handler of batches returned ${outcomes.length} outcomes for ${batch.length} deliveries`);
    } catch (error) {
      const queue = subscription.queue;
      options.logger.warn({ err: error, queue, messages: batch.length }, 'the handler failed, its batch comes again');
      return batch.map(() => ({ outcome: 'redeliver' }));
    }
  }

  function stopWaiting(): void {
    clearImmediate(scheduled);
    clearTimeout(lingering);
    scheduled = undefined;
    lingering = undefined;
  }

  return {
    started: subscription.started,
    get subscribed() {
      return subscription.subscribed;
    },
    get queue() {
      return subscription.queue;
    },
    get inFlight() {
      return subscription.busy;
    },
    close: (timeoutMs = 10_000) =>
      subscription.close(timeoutMs, () => {
        stopWaiting();
        for (const lease of waiting) subscription.giveBackUnused(lease);
        waiting = [];
      }),
  };
}

function isSuspect(lease: Lease): boolean {
  return lease.delivery.deliveryCount >= ALONE_AFTER;
}
