/*
 * What single and batch consumers share: a subscription that stays valid. It has its own channel with its own prefetch, is
 * made again on every new channel, settles deliveries by their outcome and drains on close.
 *
 * A lease is one delivery together with the acknowledgements of the channel it came on. When that channel dies, the lease
 * still runs to its end, but settling it does nothing: the broker delivers the message again.
 *
 * The prefetch of a consumer is fixed for its life. So to take in less or more, the consumer is cancelled and another one
 * begun on the same channel; what is unsettled stays so. While the wished prefetch is 0 there is no consumer.
 */
import type { Logger } from '@millrace/observability';
import type { Channel, ConsumeMessage } from 'amqplib';

import { Acknowledgements } from './acknowledgements.js';
import { backoffMs, pause, within } from './backoff.js';
import { toDelivery, type Delivery, type Outcome } from './delivery.js';
import { Intake } from './intake.js';
import { KeptChannel } from './kept-channel.js';
import type { Parker } from './parking.js';
import { PublishError } from './publish-error.js';
import { SourceQueue, type QueueSource } from './queue-source.js';
import { sessionOf, type AmqpSession, type Session } from './session.js';

export interface Consumer {
  /** Resolves when the subscription is made for the first time; rejects when the consumer is closed before. */
  readonly started: Promise<void>;
  /** Whether the broker has the subscription at present; true also while it rests because enough is held already. */
  readonly subscribed: boolean;
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
  /** Bodies held at the same time, in bytes; one message is taken in any case. Default 64 MiB. */
  maxHeldBytes?: number | undefined;
  /** How it begins; default `wide`. */
  width?: Width;
  logger: Logger;
  park: Parker;
  holdAcksMs: number;
  /** Called after each subscription, the first one too. What was cached from the queue before is stale then. */
  onSubscribed?: (() => void) | undefined;
  onDelivery(lease: Lease): void;
  /** The channel is gone: the leases with dead acknowledgements that have not begun are to be dropped with `drop`. */
  onLost(): void;
}

/** How many deliveries a subscription asks for: its prefetch, one, or none for the time being. */
export type Width = 'wide' | 'narrow' | 'none';

export interface Lease extends Unsettled {
  readonly delivery: Delivery;
}

/** What is left of a lease that failed: its body is not kept in memory while it waits to be given back. */
interface Unsettled {
  readonly tag: number;
  readonly acks: Acknowledgements;
}

const DEFAULT_MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Bound of cancelling a consumer and beginning another one. */
const CHANGE_TIMEOUT_MS = 20_000;

/** Waits before a failed delivery is given back, by how often it came back before. */
const REDELIVERY = { minMs: 200, maxMs: 30_000 };
/** A longer wait would run into the broker's consumer timeout. */
const MAX_AFTER_MS = 10 * 60_000;
const PARKING = { minMs: 500, maxMs: 30_000 };

export class Subscription {
  readonly started: Promise<void>;
  readonly #options: SubscriptionOptions;
  readonly #session: Session;
  readonly #logger: Logger;
  readonly #kept: KeptChannel;
  readonly #closing = new AbortController();
  /** Failed deliveries that wait to be given back. */
  readonly #backoffs = new Map<Unsettled, NodeJS.Timeout>();
  readonly #source: SourceQueue;
  readonly #intake: Intake;
  readonly #startedSettlers: { resolve: () => void; reject: (error: Error) => void };
  #channel: Channel | undefined;
  #acks: Acknowledgements | undefined;
  #queueName = '';
  #consumerTag: string | undefined;
  /** The prefetch of the present consumer; 0 when there is none. */
  #asked = 0;
  #width: Width;
  /** Tags of deliveries that there was no room for; given back once no more can follow, else they would come straight back. */
  #surplus: number[] = [];
  #changing: Promise<void> | undefined;
  #busy = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#session = sessionOf(options.session);
    this.#width = options.width ?? 'wide';
    this.#intake = new Intake({
      prefetch: options.prefetch,
      maxBytes: options.maxHeldBytes ?? DEFAULT_MAX_HELD_BYTES,
    });
    this.#source = new SourceQueue(options.queue);
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
    return this.ending.aborted;
  }

  /** Aborted when it closes. */
  get ending(): AbortSignal {
    return this.#closing.signal;
  }

  get queue(): string | undefined {
    return this.#source.name;
  }

  get subscribed(): boolean {
    return this.#channel !== undefined;
  }

  /** How many deliveries to ask for from now on. */
  set width(width: Width) {
    this.#width = width;
    this.#follow();
  }

  get width(): Width {
    return this.#width;
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
      case 'giveBack':
        lease.acks.settle(lease.tag, 'unused');
        break;
      case 'redeliver':
        this.#giveBackLater(lease, outcome.afterMs);
        break;
      case 'park':
        void this.#park(lease, outcome.reason).finally(() => this.#letGo(lease));
        return;
    }
    this.#letGo(lease);
  }

  /** Gives back a lease that nobody has begun to handle. */
  giveBackUnused(lease: Lease): void {
    lease.acks.settle(lease.tag, 'unused');
    this.drop(lease);
  }

  /** Counts a lease out that nobody handles any more. */
  drop(lease: Lease): void {
    this.#intake.release(lease.delivery.body.length);
    this.#follow();
  }

  /** Ends the subscription; `release` is called when no more deliveries come, to give back what has not begun. */
  async close(timeoutMs: number, release: () => void): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    this.#closing.abort();
    const ended = this.#endConsumer();
    await within(ended, Math.min(timeoutMs, 2_000), () => new Error('timeout')).catch(() => undefined);
    release();
    for (const unsettled of this.#backoffs.keys()) this.#giveBack(unsettled);
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
    for (const unsettled of this.#backoffs.keys()) this.#giveBack(unsettled);
    this.#acks?.flush(true);
    await this.#kept.close(2_000);
  }

  async #subscribe(channel: Channel, generation: number): Promise<void> {
    const acks = new Acknowledgements(channel, { holdMs: this.#options.holdAcksMs });
    this.#acks = acks;
    this.#queueName = await this.#source.declare(channel, generation);
    await this.#begin(channel, acks);
    // The answer may come after the channel was given up.
    if (acks.dead) return;
    this.#channel = channel;
    this.#logger.info({ queue: this.#queueName, prefetch: this.#asked }, 'subscribed');
    this.#follow();
    this.#startedSettlers.resolve();
    try {
      this.#options.onSubscribed?.();
    } catch (error) {
      this.#logger.error({ err: error }, 'the listener of subscriptions failed');
    }
  }

  get #wished(): number {
    return this.#width === 'none' ? 0 : Math.min(this.#intake.prefetch, this.#width === 'wide' ? Infinity : 1);
  }

  /** Changes the consumer when it is not the wished one. Called after all that may change the wish. */
  #follow(): void {
    if (this.#asked === this.#wished && this.#surplus.length === 0) return;
    const channel = this.#channel;
    const acks = this.#acks;
    if (this.#changing || this.closing || !channel || !acks) return;
    const changed = within(this.#change(channel, acks), CHANGE_TIMEOUT_MS, () => {
      return new Error(`The broker did not change the subscription within ${CHANGE_TIMEOUT_MS} ms`);
    });
    this.#changing = changed.then(
      () => {
        if (acks.dead) return;
        this.#changing = undefined;
        this.#follow();
      },
      // Nothing else is tried on this channel.
      (error: unknown) => {
        if (!acks.dead) this.#kept.recycle(error instanceof Error ? error.message : String(error));
      },
    );
  }

  async #change(channel: Channel, acks: Acknowledgements): Promise<void> {
    await this.#cancel(channel, acks);
    if (acks.dead || this.closing) return;
    await this.#begin(channel, acks);
    const { heldBytes } = this.#intake;
    this.#logger.debug(
      { queue: this.#queueName, prefetch: this.#asked, heldBytes },
      'taking in another number of messages',
    );
  }

  /** No more deliveries come when this has resolved. */
  async #cancel(channel: Channel, acks: Acknowledgements): Promise<void> {
    const tag = this.#consumerTag;
    if (tag === undefined) return;
    await channel.cancel(tag);
    if (acks.dead) return;
    this.#consumerTag = undefined;
    this.#asked = 0;
    for (const surplus of this.#surplus.splice(0)) acks.settle(surplus, 'unused');
  }

  async #begin(channel: Channel, acks: Acknowledgements): Promise<void> {
    const wished = this.#wished;
    if (wished === 0) return;
    await channel.prefetch(wished);
    const queue = this.#queueName;
    const { consumerTag } = await channel.consume(queue, (message) => this.#delivered(message, queue, acks), {
      noAck: false,
    });
    if (acks.dead) return;
    this.#consumerTag = consumerTag;
    this.#asked = wished;
  }

  /** For `close`: waits for a change that is under way, and cancels what it made. */
  async #endConsumer(): Promise<void> {
    await this.#changing;
    if (this.#channel && this.#acks) await this.#cancel(this.#channel, this.#acks);
  }

  #delivered(message: ConsumeMessage | null, queue: string, acks: Acknowledgements): void {
    if (!message) {
      if (!this.closing) this.#kept.recycle('the broker ended the subscription, its queue was deleted or moved');
      return;
    }
    if (acks.dead) return;
    const tag = acks.received();
    if (this.closing) acks.settle(tag, 'unused');
    else if (this.#intake.take(message.content.length)) {
      this.#options.onDelivery({ delivery: toDelivery(message, queue), tag, acks });
    } else this.#surplus.push(tag);
    this.#follow();
  }

  #lost(): void {
    const acks = this.#acks;
    this.#channel = undefined;
    this.#consumerTag = undefined;
    this.#asked = 0;
    this.#surplus = [];
    this.#changing = undefined;
    this.#acks = undefined;
    acks?.die();
    for (const [unsettled, timer] of this.#backoffs) {
      if (!unsettled.acks.dead) continue;
      clearTimeout(timer);
      this.#backoffs.delete(unsettled);
    }
    this.#options.onLost();
  }

  #letGo(lease: Lease): void {
    this.#busy -= 1;
    this.drop(lease);
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
    const unsettled: Unsettled = { tag: lease.tag, acks: lease.acks };
    if (this.closing) this.#giveBack(unsettled);
    else
      this.#backoffs.set(
        unsettled,
        setTimeout(() => this.#giveBack(unsettled), Math.min(waitMs, MAX_AFTER_MS)),
      );
  }

  #giveBack(unsettled: Unsettled): void {
    clearTimeout(this.#backoffs.get(unsettled));
    this.#backoffs.delete(unsettled);
    unsettled.acks.settle(unsettled.tag, 'failed');
  }
}
