import type { Logger } from '@millrace/observability';

import type { Delivery, Outcome } from './delivery.js';
import type { Parker } from './parking.js';
import type { AmqpSession } from './session.js';
import { Subscription, type Consumer, type Lease, type QueueSource } from './subscription.js';

export interface ConsumeOptions {
  queue: QueueSource;
  /** Deliveries that the broker sends ahead, unacked. */
  prefetch: number;
  /** Handlers at the same time; default is the prefetch. */
  concurrency?: number;
  logger: Logger;
  park: Parker;
  /** Called after each subscription, the first one too: messages may have been missed before it on an instance queue. */
  onSubscribed?: () => void;
  /** Must resolve `done` only when all that follows from the delivery is durable. A throw is `redeliver`. */
  handle(delivery: Delivery): Promise<Outcome>;
}

/**
 * Consumes a queue one message at a time. Acks last: only after the handler said `done`, or after the message is on the
 * parked queue. The subscription stays valid when channel, connection or queue are lost and come back.
 */
export function consume(session: AmqpSession, options: ConsumeOptions): Consumer {
  const concurrency = options.concurrency ?? options.prefetch;
  let waiting: Lease[] = [];
  let running = 0;

  const subscription = new Subscription({
    session,
    queue: options.queue,
    prefetch: options.prefetch,
    logger: options.logger,
    park: options.park,
    // A held ack holds a slot of the prefetch, and here handlers may need each one.
    holdAcksMs: 0,
    onSubscribed: options.onSubscribed,
    onDelivery(lease) {
      if (running < concurrency) void run(lease);
      else waiting.push(lease);
    },
  });

  async function run(lease: Lease): Promise<void> {
    running += 1;
    subscription.hold(1);
    const outcome = await outcomeOf(lease.delivery);
    running -= 1;
    subscription.settle(lease, outcome);
    startNext();
  }

  async function outcomeOf(delivery: Delivery): Promise<Outcome> {
    try {
      return await options.handle(delivery);
    } catch (error) {
      const { messageId, queue, deliveryCount } = delivery;
      options.logger.warn(
        { err: error, messageId, queue, deliveryCount },
        'the handler failed, the message comes again',
      );
      return { outcome: 'redeliver' };
    }
  }

  function startNext(): void {
    while (running < concurrency) {
      const next = waiting.shift();
      if (!next) return;
      // Of a channel that is gone: the broker delivers it again, and a second handler for it would be wasted.
      if (!next.acks.dead) void run(next);
    }
  }

  return {
    started: subscription.started,
    get queue() {
      return subscription.queue;
    },
    get inFlight() {
      return subscription.busy;
    },
    close: (timeoutMs = 10_000) =>
      subscription.close(timeoutMs, () => {
        for (const lease of waiting) subscription.giveBackUnused(lease);
        waiting = [];
      }),
  };
}
