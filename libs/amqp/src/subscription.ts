/*
 * What single and batch consumers share: a subscription that stays valid. It has its own channel with its own prefetch, is
 * made again on every new channel, settles deliveries by their outcome and drains on close.
 *
 * A lease is one delivery together with the acknowledgements of the channel it came on. When that channel dies, the lease
 * still runs to its end, but settling it does nothing: the broker delivers the message again.
 */
import type { Logger } from '@millrace/observability';
import type { Channel, ConsumeMessage } from 'amqplib';

import { Acknowledgements } from './acknowledgements.js';
import { backoffMs, pause, within } from './backoff.js';
import { toDelivery, type Delivery, type Outcome } from './delivery.js';
import { KeptChannel } from './kept-channel.js';
import type { Parker } from './parking.js';
import { PublishError } from './publish-error.js';
import { sessionOf, type AmqpSession, type Session } from './session.js';
import { declareQueue, type ArgumentTable, type BindingDeclaration } from './topology.js';

/**
 * A queue of this process alone: exclusive and gone with the connection, declared again on each new one.
 *
 * The name may be fixed, chosen anew for each connection (a function), or left to the broker. A fixed name stays locked after
 * a cut connection until the broker has noticed the cut, so a function is better where the name can change.
 */
export interface InstanceQueue {
  name?: string | (() => string);
  bindings?: readonly Omit<BindingDeclaration, 'queue'>[];
  arguments?: ArgumentTable;
}

/** The name of a declared queue, or a queue of this process alone; a function is short for `{ name: function }`. */
export type QueueSource = string | (() => string) | InstanceQueue;

export interface Consumer {
  /** Resolves when the subscription is made for the first time; rejects when the consumer is closed before. */
  readonly started: Promise<void>;
  /** Name of the queue, which for an instance queue is known once subscribed and may change with the connection. */
  readonly queue: string | undefined;
  /** Deliveries that are being handled. */
  readonly inFlight: number;
  /** Drains: takes nothing more, waits for handlers up to the bound (default 10 s), acks what they finished, closes the channel. */
  close(timeoutMs?: number): Promise<void>;
}

export interface SubscriptionOptions {
  session: AmqpSession;
  queue: QueueSource;
  prefetch: number;
  logger: Logger;
  park: Parker;
  holdAcksMs: number;
  /** Called after each subscription, the first one too. What was cached from the queue before is stale then. */
  onSubscribed?: (() => void) | undefined;
  onDelivery(lease: Lease): void;
}

export interface Lease {
  readonly delivery: Delivery;
  readonly tag: number;
  readonly acks: Acknowledgements;
}

/** Waits before a failed delivery is given back, by how often it came back before. */
const REDELIVERY = { minMs: 200, maxMs: 30_000 };
/** A longer wait would run into the broker's consumer timeout. */
const MAX_AFTER_MS = 10 * 60_000;
const PARKING = { minMs: 500, maxMs: 30_000 };

export class Subscription {
  readonly started: Promise<void>;
  queue: string | undefined;

  readonly #options: SubscriptionOptions;
  readonly #session: Session;
  readonly #logger: Logger;
  readonly #kept: KeptChannel;
  readonly #closing = new AbortController();
  /** Failed deliveries that wait to be given back. */
  readonly #backoffs = new Map<Lease, NodeJS.Timeout>();
  readonly #startedSettlers: { resolve: () => void; reject: (error: Error) => void };
  #channel: Channel | undefined;
  #acks: Acknowledgements | undefined;
  #consumerTag: string | undefined;
  #generation = 0;
  #busy = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#session = sessionOf(options.session);
    this.queue = typeof options.queue === 'string' ? options.queue : undefined;
    this.#logger = options.logger.child({ consumerOf: this.queue ?? 'a queue of this instance' });
    let settlers: { resolve: () => void; reject: (error: Error) => void } | undefined;
    this.started = new Promise((resolve, reject) => {
      settlers = { resolve, reject };
    });
    this.started.catch(() => undefined);
    if (!settlers) throw new Error('A promise runs its executor at once');
    this.#startedSettlers = settlers;
    this.#kept = new KeptChannel({
      session: this.#session,
      kind: 'plain',
      logger: this.#logger,
      tenant: {
        open: (channel, generation) => this.#subscribe(channel, generation),
        lost: () => this.#lost(),
        ended: () => this.#startedSettlers.reject(new Error('The consumer was closed before it was subscribed')),
      },
    });
  }

  get closing(): boolean {
    return this.#closing.signal.aborted;
  }

  get busy(): number {
    return this.#busy;
  }

  /** Counts leases as being handled; a drain waits for them. */
  hold(count: number): void {
    this.#busy += count;
  }

  /** Settles a held lease by its outcome. The lease is held on while it is being parked. */
  settle(lease: Lease, outcome: Outcome): void {
    switch (outcome.outcome) {
      case 'done':
        lease.acks.settle(lease.tag, 'ack');
        break;
      case 'redeliver':
        this.#giveBackLater(lease, outcome.afterMs);
        break;
      case 'park':
        void this.#park(lease, outcome.reason).finally(() => this.#letGo());
        return;
    }
    this.#letGo();
  }

  /** Gives back a lease that nobody has begun to handle. */
  giveBackUnused(lease: Lease): void {
    lease.acks.settle(lease.tag, 'unused');
  }

  /** Ends the subscription; `release` is called when no more deliveries come, to give back what has not begun. */
  async close(timeoutMs: number, release: () => void): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    this.#closing.abort();
    const channel = this.#channel;
    if (channel && this.#consumerTag !== undefined) {
      const tag = this.#consumerTag;
      // On a channel that is closed already, the library throws.
      const cancelling = (async () => channel.cancel(tag))();
      await within(cancelling, Math.min(timeoutMs, 2_000), () => new Error('timeout')).catch(() => undefined);
    }
    release();
    for (const lease of this.#backoffs.keys()) this.#giveBack(lease);
    if (this.#busy > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#busy > 0) {
      this.#logger.warn({ unfinished: this.#busy }, 'closing with handlers unfinished, their messages come again');
    }
    for (const lease of this.#backoffs.keys()) this.#giveBack(lease);
    this.#acks?.flush(true);
    await this.#kept.close(2_000);
  }

  async #subscribe(channel: Channel, generation: number): Promise<void> {
    const acks = new Acknowledgements(channel, { holdMs: this.#options.holdAcksMs });
    this.#acks = acks;
    await channel.prefetch(this.#options.prefetch);
    const queue = await this.#declareSource(channel, generation);
    const { consumerTag } = await channel.consume(queue, (message) => this.#delivered(message, queue, acks), {
      noAck: false,
    });
    // The answer may come after the channel was given up.
    if (acks.dead) return;
    this.#channel = channel;
    this.#consumerTag = consumerTag;
    this.#logger.info({ queue, prefetch: this.#options.prefetch }, 'subscribed');
    this.#startedSettlers.resolve();
    try {
      this.#options.onSubscribed?.();
    } catch (error) {
      this.#logger.error({ err: error }, 'the listener of subscriptions failed');
    }
  }

  /** The queue's name; an instance queue is declared first and keeps its name as long as the connection lives. */
  async #declareSource(channel: Channel, generation: number): Promise<string> {
    const { queue: source } = this.#options;
    if (typeof source === 'string') return source;
    const {
      name = '',
      bindings = [],
      arguments: table = {},
    }: InstanceQueue = typeof source === 'function' ? { name: source } : source;
    if (this.queue === undefined || this.#generation !== generation) {
      this.queue = typeof name === 'function' ? name() : name;
    }
    this.#generation = generation;
    const queue = await declareQueue(channel, {
      name: this.queue,
      type: 'classic',
      durable: false,
      exclusive: true,
      arguments: table,
    });
    this.queue = queue;
    for (const { exchange, routingKey } of bindings) await channel.bindQueue(queue, exchange, routingKey);
    return queue;
  }

  #delivered(message: ConsumeMessage | null, queue: string, acks: Acknowledgements): void {
    if (!message) {
      if (!this.closing) this.#kept.recycle('the broker ended the subscription, its queue was deleted or moved');
      return;
    }
    if (acks.dead) return;
    const lease: Lease = { delivery: toDelivery(message, queue), tag: acks.received(), acks };
    if (this.closing) this.giveBackUnused(lease);
    else this.#options.onDelivery(lease);
  }

  #lost(): void {
    const acks = this.#acks;
    this.#channel = undefined;
    this.#consumerTag = undefined;
    this.#acks = undefined;
    acks?.die();
    for (const [lease, timer] of this.#backoffs) {
      if (!lease.acks.dead) continue;
      clearTimeout(timer);
      this.#backoffs.delete(lease);
    }
  }

  #letGo(): void {
    this.#busy -= 1;
    if (this.#busy === 0) this.#onIdle?.();
  }

  async #park(lease: Lease, reason: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#options.park.park(lease.delivery, reason);
        lease.acks.settle(lease.tag, 'ack');
        this.#logger.warn({ messageId: lease.delivery.messageId, parkReason: reason }, 'message parked');
        return;
      } catch (error) {
        this.#logger.error(
          { err: error, messageId: lease.delivery.messageId, attempt },
          'the message could not be parked',
        );
        if (lease.acks.dead) return;
        if (this.closing || (error instanceof PublishError && !error.retryable)) {
          this.#giveBackLater(lease, undefined);
          return;
        }
        await pause(backoffMs(attempt, PARKING), this.#closing.signal);
      }
    }
  }

  #giveBackLater(lease: Lease, afterMs: number | undefined): void {
    if (lease.acks.dead) return;
    const waitMs = afterMs ?? backoffMs(lease.delivery.deliveryCount + 1, REDELIVERY);
    if (this.closing) this.#giveBack(lease);
    else
      this.#backoffs.set(
        lease,
        setTimeout(() => this.#giveBack(lease), Math.min(waitMs, MAX_AFTER_MS)),
      );
  }

  #giveBack(lease: Lease): void {
    clearTimeout(this.#backoffs.get(lease));
    this.#backoffs.delete(lease);
    lease.acks.settle(lease.tag, 'failed');
  }
}
