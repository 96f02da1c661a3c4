import type { Logger } from '@millrace/observability';

import { partsOf } from './bundle.js';
import { DONE, type Delivery, type Outcome } from './delivery.js';
import type { BatchParker } from './parking.js';
import type { AmqpSession } from './session.js';
import type { QueueSource } from './queue-source.js';
import { Subscription, type Consumer, type Lease } from './subscription.js';
import { takeApart } from './take-apart.js';

export interface ConsumeBatchesOptions {
  queue: QueueSource;
  /** Deliveries that the broker sends ahead, a bundle being one; for messages that come singly at least `maxBatch` times `concurrentBatches`. */
  prefetch: number;
  /** Messages of one batch; a bundle is never divided, so one that has more is a batch by itself. */
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
  park: BatchParker;
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

/** A delivery with the messages in it: more than one when it is a bundle. */
interface Arrival {
  readonly lease: Lease;
  readonly parts: Delivery[];
}

/**
 * Consumes a queue in batches that adapt to the load: idle, a batch is one message and starts at once; under load it is what
 * arrived while the batches before it were handled, up to `maxBatch`. Settles as `consume` does.
 *
 * Bundles are unpacked: the handler sees their messages only. One with a message that is not `done` is taken apart: what is not
 * done is sent once more, each message by itself, and then the bundle is acked, so nothing in it suffers for its company.
 */
export function consumeBatches(session: AmqpSession, options: ConsumeBatchesOptions): Consumer {
  const { maxBatch, maxBatchBytes = DEFAULT_MAX_BATCH_BYTES, maxWaitMs = 0, concurrentBatches = 1 } = options;
  let waiting: Arrival[] = [];
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
      waiting.push({ lease, parts: partsOf(lease.delivery) });
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
  function takeBatch(): Arrival[] {
    const first = waiting[0];
    if (!first) return [];
    if (isSuspect(first)) return waiting.splice(0, 1);
    let count = 0;
    let messages = 0;
    let bytes = 0;
    for (const { lease, parts } of waiting) {
      messages += parts.length;
      bytes += lease.delivery.body.length;
      if ((count > 0 && (messages > maxBatch || bytes > maxBatchBytes)) || isSuspect({ lease })) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  /** Of a channel that is gone: the broker delivers these again. */
  function dropDead(): void {
    const dead = waiting.filter(({ lease }) => lease.acks.dead);
    waiting = waiting.filter(({ lease }) => !lease.acks.dead);
    for (const { lease } of dead) subscription.drop(lease);
  }

  async function run(batch: Arrival[]): Promise<void> {
    running += 1;
    subscription.hold(batch.length);
    const [first] = batch;
    if (first && first.parts.length > 1 && isSuspect(first)) {
      // Somebody in it may have ended processes: each message has to answer for itself.
      await settleApart(first, first.parts);
    } else {
      const outcomes = await outcomesOf(batch.flatMap(({ parts }) => parts));
      let at = 0;
      for (const arrival of batch) settle(arrival, outcomes.slice(at, (at += arrival.parts.length)));
    }
    running -= 1;
    if (waiting.length > 0 && !subscription.closing) schedule();
  }

  function settle(arrival: Arrival, outcomes: BatchOutcome[]): void {
    const { lease, parts } = arrival;
    if (outcomes.every(({ outcome }) => outcome === 'done')) subscription.settle(lease, DONE);
    else if (parts.length > 1) void settleBundle(arrival, outcomes);
    else void settleMessage(lease, outcomes[0] ?? { outcome: 'redeliver' });
  }

  async function settleMessage(lease: Lease, outcome: BatchOutcome): Promise<void> {
    subscription.settle(lease, outcome.outcome === 'later' ? await endOf(outcome.ending) : outcome);
  }

  async function settleBundle(arrival: Arrival, outcomes: BatchOutcome[]): Promise<void> {
    const ended = await Promise.all(
      outcomes.map((outcome) => (outcome.outcome === 'later' ? endOf(outcome.ending) : Promise.resolve(outcome))),
    );
    const open = arrival.parts.filter((_, index) => ended[index]?.outcome !== 'done');
    if (open.length === 0) subscription.settle(arrival.lease, DONE);
    else if (subscription.closing) subscription.settle(arrival.lease, { outcome: 'giveBack' });
    else await settleApart(arrival, open);
  }

  async function settleApart({ lease }: Arrival, open: Delivery[]): Promise<void> {
    subscription.settle(lease, await takeApart(open, { ...options, lease, subscription }));
  }

  async function endOf(ending: Promise<Outcome>): Promise<Outcome> {
    try {
      return await ending;
    } catch (error) {
      options.logger.warn({ err: error, queue: subscription.queue }, 'the handler failed, its message comes again');
      return { outcome: 'redeliver' };
    }
  }

  async function outcomesOf(batch: Delivery[]): Promise<BatchOutcome[]> {
    try {
      const outcomes = await options.handle(batch);
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
        for (const { lease } of waiting) subscription.giveBackUnused(lease);
        waiting = [];
      }),
  };
}

function isSuspect({ lease }: Pick<Arrival, 'lease'>): boolean {
  return lease.delivery.deliveryCount >= ALONE_AFTER;
}
