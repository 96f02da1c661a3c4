import type { Logger } from '@millrace/observability';

import type { Delivery, Outcome } from './delivery.js';
import type { Parker } from './parking.js';
import type { AmqpSession } from './session.js';
import type { QueueSource } from './queue-source.js';
import { Subscription, type Consumer, type Lease } from './subscription.js';
import { Turns, type Turn } from './turns.js';

export interface ConsumeOptions {
  queue: QueueSource;
  /** Deliveries that the broker sends ahead, unacked. */
  prefetch: number;
  /** Handlers at the same time; default is the prefetch. */
  concurrency?: number;
  /** Bodies held at the same time, in bytes. Past that no more is taken from the queue; default 64 MiB. */
  maxHeldBytes?: number;
  /**
   * Says of a delivery whether it is handled beside others; default is `shared` for all. With it, the consumer asks for one
   * message at a time until one comes that shares, and for none while one alone waits or runs: if the process dies under a
   * delivery that is `alone`, it was the only one that the process held, and the broker counts no other one as failed.
   * `atOnce` is for a second copy of what is being handled already, which the handler answers without new work.
   */
  turn?: (delivery: Delivery) => Turn;
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
  const turns = new Turns<Lease>(options.concurrency ?? options.prefetch);

  const subscription = new Subscription({
    session,
    queue: options.queue,
    prefetch: options.prefetch,
    maxHeldBytes: options.maxHeldBytes,
    width: options.turn ? 'narrow' : 'wide',
    logger: options.logger,
    park: options.park,
    // A held ack holds a slot of the prefetch, and here handlers may need each one.
    holdAcksMs: 0,
    onSubscribed: options.onSubscribed,
    onDelivery(lease) {
      const turn = options.turn?.(lease.delivery) ?? 'shared';
      if (turn === 'atOnce') {
        void run(lease);
        return;
      }
      turns.add(lease, turn);
      if (turn === 'alone' && subscription.width === 'wide') subscription.width = 'none';
      if (turn === 'shared' && subscription.width === 'narrow' && !turns.anyAlone) subscription.width = 'wide';
      startNext();
    },
    onLost() {
      for (const lease of turns.remove(({ acks }) => acks.dead)) subscription.drop(lease);
      askAgain();
    },
  });

  async function runInTurn(lease: Lease): Promise<void> {
    await run(lease);
    turns.end();
    askAgain();
    startNext();
  }

  async function run(lease: Lease): Promise<void> {
    subscription.hold(1);
    subscription.settle(lease, await outcomeOf(lease.delivery));
  }

  /** Begins with one, for after one suspect mostly comes another. */
  function askAgain(): void {
    if (subscription.width === 'none' && !turns.anyAlone) subscription.width = 'narrow';
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
    for (let lease = turns.next(); lease; lease = turns.next()) void runInTurn(lease);
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
        for (const lease of turns.remove(() => true)) subscription.giveBackUnused(lease);
      }),
  };
}
