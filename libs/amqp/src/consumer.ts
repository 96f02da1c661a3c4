import type { Logger } from '@millrace/observability';

import type { Delivery, Outcome } from './delivery.js';
import type { Parker } from './parking.js';
import type { AmqpSession } from './session.js';
import type { QueueSource } from './queue-source.js';
import { Subscription, type Consumer, type Lease } from './subscription.js';
import { Turns, type Turn } from './turns.js';

export interface ConsumeOptions {
  queue: QueueSource;
  /** Deliveries that the broker sends ahead, unacked, of each queue. */
  prefetch: number;
  /** Further queues for the same handler. All share concurrency and turns; each has a channel of its own. */
  alsoFrom?: readonly { queue: QueueSource; prefetch: number; maxHeldBytes?: number }[];
  /** Handlers at the same time; default is what all queues send ahead. */
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
  /**
   * `first` acks a delivery by a system call just before its handler begins, for what must not come again if the process ends
   * with it, such as a question whose caller waits; what its handler resolves then settles nothing. Default `last`.
   */
  acks?: 'first' | 'last';
  logger: Logger;
  park: Parker;
  /** Called after each subscription, the first one too: messages may have been missed before it on an instance queue. */
  onSubscribed?: () => void;
  /** Called on close, once nothing more comes and before the handlers are waited for. */
  onEnding?: () => void;
  /** Must resolve `done` only when all that follows from the delivery is durable. A throw is `redeliver`. */
  handle(delivery: Delivery): Promise<Outcome>;
}

/**
 * Consumes a queue one message at a time. Acks last, unless told otherwise: only after the handler said `done`, or after the message is on the
 * parked queue. The subscription stays valid when channel, connection or queue are lost and come back.
 */
export function consume(session: AmqpSession, options: ConsumeOptions): Consumer {
  const { queue, prefetch, maxHeldBytes, alsoFrom = [] } = options;
  const sources = [{ queue, prefetch, maxHeldBytes }, ...alsoFrom];
  const turns = new Turns<Held>(options.concurrency ?? sources.reduce((sum, source) => sum + source.prefetch, 0));
  const subscriptions = sources.map((source) => subscribe(source));
  const [first] = subscriptions;
  const started = Promise.all(subscriptions.map((subscription) => subscription.started)).then(() => undefined);
  started.catch(() => undefined);

  function subscribe(source: {
    queue: QueueSource;
    prefetch: number;
    maxHeldBytes?: number | undefined;
  }): Subscription {
    const subscription: Subscription = new Subscription({
      session,
      ...source,
      width: options.turn ? 'narrow' : 'wide',
      logger: options.logger,
      park: options.park,
      // A held ack holds a slot of the prefetch, and here handlers may need each one.
      holdAcksMs: 0,
      onSubscribed: options.onSubscribed,
      onDelivery: (lease) => arrived({ lease, subscription }),
      onLost() {
        for (const { lease } of turns.remove((held) => held.lease.acks.dead)) subscription.drop(lease);
        askAgain();
      },
    });
    return subscription;
  }

  function arrived(held: Held): void {
    if (options.turn) leases.set(held.lease.delivery, held.lease);
    const turn = options.turn?.(held.lease.delivery) ?? 'shared';
    if (turn === 'atOnce') {
      void run(held);
      return;
    }
    turns.add(held, turn);
    if (turn === 'alone') {
      for (const other of subscriptions)
        if (other !== held.subscription || other.width === 'wide') other.width = 'none';
    }
    if (turn === 'shared' && held.subscription.width === 'narrow' && !turns.anyAlone) held.subscription.width = 'wide';
    startNext();
  }

  async function runInTurn(held: Held): Promise<void> {
    await run(held);
    turns.end();
    askAgain();
    startNext();
  }

  async function run({ lease, subscription }: Held): Promise<void> {
    subscription.hold(1);
    if (options.acks === 'first') lease.acks.acknowledgeNow(lease.tag);
    subscription.settle(lease, await outcomeOf(lease.delivery));
  }

  /** Begins with one, for after one suspect mostly comes another. */
  function askAgain(): void {
    if (turns.anyAlone) return;
    for (const subscription of subscriptions) if (subscription.width === 'none') subscription.width = 'narrow';
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
    for (let held = turns.next(); held; held = turns.next()) void runInTurn(held);
  }

  return {
    started,
    get subscribed() {
      return subscriptions.every(({ subscribed }) => subscribed);
    },
    get queue() {
      return first?.queue;
    },
    get inFlight() {
      return subscriptions.reduce((sum, { busy }) => sum + busy, 0);
    },
    async close(timeoutMs = 10_000) {
      let open = subscriptions.length;
      const ended = (subscription: Subscription): void => {
        for (const { lease } of turns.remove((held) => held.subscription === subscription)) {
          subscription.giveBackUnused(lease);
        }
        open -= 1;
        if (open === 0) options.onEnding?.();
      };
      await Promise.all(subscriptions.map((subscription) => subscription.close(timeoutMs, () => ended(subscription))));
    },
  };
}

const leases = new WeakMap<Delivery, Lease>();

/**
 * Acks a delivery of a consumer with `turn` before this returns, without the event loop, for a process that is about to end
 * and cannot go on. What follows from the delivery must be durable already. False when it cannot be acked any more.
 */
export function acknowledgeNow(delivery: Delivery): boolean {
  const lease = leases.get(delivery);
  return lease?.acks.acknowledgeNow(lease.tag) ?? false;
}

interface Held {
  readonly lease: Lease;
  readonly subscription: Subscription;
}
