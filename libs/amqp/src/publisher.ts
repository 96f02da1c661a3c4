/*
 * The publisher: many messages in flight on one confirm channel.
 *
 *   publish() ─▶ waiting ── channel open and broker not blocked ──▶ sent ── confirmed ──▶ resolved
 *                   │ deadline: unavailable                          │ nack: refused · return, then confirm: returned
 *                                                                    │ deadline: timeout · channel gone: connectionLost
 *
 * A message that timed out after it was sent keeps its place in the bounds until the broker answers for it or the channel
 * goes: it may still sit in a socket's buffer, and the bounds are there to limit exactly that.
 */
import type { Logger } from '@millrace/observability';
import type { Channel, Message, Options } from 'amqplib';

import { KeptChannel } from './kept-channel.js';
import { PublishError, type PublishFailure } from './publish-error.js';
import { sessionOf, type AmqpSession, type Session } from './session.js';
import { TagWindow } from './tag-window.js';

export interface OutgoingMessage {
  /** `''` is the default exchange, whose routing key is a queue's name. Any other must be in the session's topology. */
  exchange: string;
  routingKey: string;
  body: Buffer;
  messageId: string;
  headers?: Readonly<Record<string, unknown>>;
  contentType?: string;
  correlationId?: string;
  replyTo?: string;
  expirationMs?: number;
  type?: string;
  /** Default true: a message that no queue takes is a failure. */
  mandatory?: boolean;
  /** Default true. */
  persistent?: boolean;
}

export interface PublisherOptions {
  logger: Logger;
  /** Messages waiting or unconfirmed before `publish` rejects as `overloaded`; default 5000. */
  maxInFlight?: number;
  /** The same for the sum of their bodies; default 64 MiB. */
  maxInFlightBytes?: number;
  /** Largest body; default 15 MiB, under the 16 MiB that RabbitMQ 4 takes. */
  maxMessageBytes?: number;
  /** Bound of each publish that gives none; default 10 s. */
  timeoutMs?: number;
}

export interface PublishOptions {
  /** Default: the publisher's. */
  timeoutMs?: number;
  /** For how many the message counts in the bound of messages; default 1. */
  countsFor?: number;
}

export interface Publisher {
  /**
   * Publishes one message; resolves only when the broker has confirmed it, which for a quorum queue means that it is on disk.
   * The bound covers the wait for a connection and for the confirm. Rejects with PublishError. After `timeout` and
   * `connectionLost` the message may be stored all the same: publish it again with the same id.
   */
  publish(message: OutgoingMessage, options?: PublishOptions): Promise<void>;
  /** Publishes that have not settled. */
  readonly inFlight: number;
  /** Whether a publish would be sent at once: connected and not blocked. */
  readonly available: boolean;
  /** Takes nothing more, waits for what is in flight up to the bound (default 5 s), rejects the rest as `closed`. */
  close(timeoutMs?: number): Promise<void>;
}

const MIB = 1024 * 1024;
const SWEEP_MS = 50;
/** A channel whose oldest message is unconfirmed this long after its deadline gives no more answers: it is opened anew. */
const STALE_MS = 30_000;

/** Creates a publisher on a session. One per process is the normal case: its bounds then hold for the process. */
export function createPublisher(session: AmqpSession, options: PublisherOptions): Publisher {
  return new ConfirmPublisher(sessionOf(session), options);
}

class Pending {
  settled = false;
  /** Set by a return; the confirm that follows then settles it as a failure. */
  returned: string | undefined;

  constructor(
    readonly message: OutgoingMessage,
    readonly countsFor: number,
    readonly deadline: number,
    readonly settle: { resolve: () => void; reject: (error: PublishError) => void },
  ) {}
}

class ConfirmPublisher implements Publisher {
  readonly #session: Session;
  readonly #bounds: { messages: number; bytes: number; messageBytes: number; timeoutMs: number };
  readonly #kept: KeptChannel;
  readonly #forgetState: () => void;
  #channel: Channel | undefined;
  #waiting: Pending[] = [];
  #sent = new TagWindow<Pending>();
  #heldMessages = 0;
  #heldBytes = 0;
  #unsettled = 0;
  #sweepTimer: NodeJS.Timeout | undefined;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(session: Session, options: PublisherOptions) {
    const messageBytes = options.maxMessageBytes ?? 15 * MIB;
    this.#bounds = {
      messages: options.maxInFlight ?? 5_000,
      bytes: Math.max(options.maxInFlightBytes ?? 64 * MIB, messageBytes),
      messageBytes,
      timeoutMs: options.timeoutMs ?? 10_000,
    };
    this.#session = session;
    this.#kept = new KeptChannel({
      session,
      kind: 'confirm',
      logger: options.logger.child({ connection: session.name, channel: 'publisher' }),
      tenant: {
        open: async (channel) => this.#open(channel),
        lost: () => this.#lost(),
        ended: () => this.#end(),
      },
    });
    this.#forgetState = session.onState((state) => {
      if (state === 'up') this.#sendWaiting();
    });
  }

  get inFlight(): number {
    return this.#unsettled;
  }

  get available(): boolean {
    return this.#channel !== undefined && this.#session.state === 'up';
  }

  publish(message: OutgoingMessage, { timeoutMs, countsFor = 1 }: PublishOptions = {}): Promise<void> {
    const refusal = this.#refusal(message);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + (timeoutMs ?? this.#bounds.timeoutMs);
      const pending = new Pending(message, countsFor, deadline, { resolve, reject });
      this.#unsettled += 1;
      this.#heldMessages += countsFor;
      this.#heldBytes += message.body.length;
      if (!this.available || this.#waiting.length > 0) this.#waiting.push(pending);
      else this.#send(pending);
      this.#armSweep();
    });
  }

  async close(timeoutMs = 5_000): Promise<void> {
    this.#closed = true;
    if (this.#unsettled > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#end();
    await this.#kept.close(timeoutMs);
  }

  #refusal(message: OutgoingMessage): PublishError | undefined {
    const { body, exchange } = message;
    if (this.#closed) return new PublishError('closed', 'The publisher is closed');
    if (body.length > this.#bounds.messageBytes) {
      const text = `The body has ${body.length} bytes, at most ${this.#bounds.messageBytes} are allowed`;
      return new PublishError('tooLarge', text);
    }
    if (exchange !== '' && !this.#session.topology.hasExchange(exchange)) {
      // The broker would close the channel for it, and with it fail every message in flight.
      const text = `Exchange "${exchange}" is not in the topology of session "${this.#session.name}": declare it first`;
      return new PublishError('returned', text);
    }
    if (
      this.#heldMessages >= this.#bounds.messages ||
      (this.#heldMessages > 0 && this.#heldBytes + body.length > this.#bounds.bytes)
    ) {
      const text = `Too much in flight: ${this.#heldMessages} messages with ${this.#heldBytes} bytes`;
      return new PublishError('overloaded', text);
    }
    return undefined;
  }

  #open(channel: Channel): void {
    this.#channel = channel;
    this.#sent = new TagWindow();
    channel.on('ack', ({ deliveryTag, multiple }) => this.#answered(deliveryTag, multiple, false));
    channel.on('nack', ({ deliveryTag, multiple }) => this.#answered(deliveryTag, multiple, true));
    channel.on('return', (returned) => this.#markReturned(returned));
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    if (this.#waiting.length === 0 || !this.available) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const pending of waiting) {
      if (this.available) this.#send(pending);
      else this.#waiting.push(pending);
    }
  }

  #send(pending: Pending): void {
    const { message } = pending;
    try {
      this.#channel?.publish(message.exchange, message.routingKey, message.body, propertiesOf(message));
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) {
        // Headers over 64 KiB or a field over 255 bytes; nothing was sent and the channel is as it was.
        this.#fail(pending, 'tooLarge', `The headers or fields cannot be sent: ${error.message}`, error);
        this.#release(pending);
      } else {
        // The channel is dead and its end not announced yet.
        this.#channel = undefined;
        this.#waiting.push(pending);
        this.#kept.recycle('publishing on it failed');
      }
      return;
    }
    this.#sent.push(pending);
  }

  #answered(deliveryTag: number, multiple: boolean, refused: boolean): void {
    const from = multiple ? this.#sent.first : deliveryTag;
    for (let tag = from; tag <= deliveryTag; tag += 1) {
      const pending = this.#sent.remove(tag);
      if (!pending) continue;
      this.#release(pending);
      if (pending.returned !== undefined) this.#fail(pending, 'returned', pending.returned);
      else if (refused) this.#fail(pending, 'refused', `The broker refused the message ${describe(pending.message)}`);
      else this.#succeed(pending);
    }
  }

  /**
   * A return names no tag. It belongs to the oldest message with the same id and address that is not marked yet; where there
   * are two of these, they are the same message and either way one of them is retried.
   */
  #markReturned(returned: Message): void {
    const { exchange, routingKey } = returned.fields;
    const messageId: unknown = returned.properties.messageId;
    for (const pending of this.#sent.values()) {
      const { message } = pending;
      if (pending.returned !== undefined || message.messageId !== messageId) continue;
      if (message.routingKey !== routingKey || message.exchange !== exchange) continue;
      pending.returned = `No queue takes the message ${describe(message)}: check that the queue or binding is declared`;
      return;
    }
  }

  #lost(): void {
    this.#channel = undefined;
    const sent = this.#sent;
    this.#sent = new TagWindow();
    for (const pending of sent.values()) {
      this.#release(pending);
      const text = `The channel was lost before the message ${describe(pending.message)} was confirmed`;
      this.#fail(pending, 'connectionLost', text);
    }
  }

  /** Nothing will be sent or confirmed any more. */
  #end(): void {
    this.#closed = true;
    this.#forgetState();
    clearTimeout(this.#sweepTimer);
    this.#sweepTimer = undefined;
    for (const pending of [...this.#waiting.splice(0), ...this.#sent.values()]) {
      const text = `The publisher was closed before the message ${describe(pending.message)} was confirmed`;
      this.#fail(pending, 'closed', text);
    }
  }

  #armSweep(): void {
    this.#sweepTimer ??= setTimeout(() => {
      this.#sweepTimer = undefined;
      this.#sweep(performance.now());
      if (this.#heldMessages > 0 && !this.#closed) this.#armSweep();
    }, SWEEP_MS);
  }

  /** One timer for all deadlines: a timer per message would cost more than the message. */
  #sweep(now: number): void {
    if (this.#waiting.some((pending) => pending.deadline <= now)) {
      const waiting = this.#waiting;
      this.#waiting = waiting.filter((pending) => pending.deadline > now);
      for (const pending of waiting) {
        if (pending.deadline > now) continue;
        this.#release(pending);
        const text = `No way to the broker in time for the message ${describe(pending.message)} (${this.#session.state})`;
        this.#fail(pending, 'unavailable', text);
      }
    }
    let oldest: Pending | undefined;
    for (const pending of this.#sent.values()) {
      oldest ??= pending;
      if (pending.settled || pending.deadline > now) continue;
      this.#fail(pending, 'timeout', `The broker did not confirm the message ${describe(pending.message)} in time`);
    }
    if (oldest && oldest.deadline + STALE_MS < now && this.available) this.#kept.recycle('confirms stay out');
  }

  #succeed(pending: Pending): void {
    if (pending.settled) return;
    pending.settled = true;
    pending.settle.resolve();
    this.#countSettled();
  }

  #fail(pending: Pending, reason: PublishFailure, text: string, cause?: Error): void {
    if (pending.settled) return;
    pending.settled = true;
    pending.settle.reject(new PublishError(reason, text, cause && { cause }));
    this.#countSettled();
  }

  #countSettled(): void {
    this.#unsettled -= 1;
    if (this.#unsettled === 0) this.#onIdle?.();
  }

  #release({ message, countsFor }: Pending): void {
    this.#heldMessages -= countsFor;
    this.#heldBytes -= message.body.length;
  }
}

function propertiesOf(message: OutgoingMessage): Options.Publish {
  const { expirationMs } = message;
  // Fields that are undefined are not sent.
  return {
    messageId: message.messageId,
    mandatory: message.mandatory ?? true,
    persistent: message.persistent ?? true,
    headers: message.headers,
    contentType: message.contentType,
    correlationId: message.correlationId,
    replyTo: message.replyTo,
    expiration: expirationMs === undefined ? undefined : Math.max(0, Math.ceil(expirationMs)),
    type: message.type,
  } as Options.Publish;
}

function describe(message: OutgoingMessage): string {
  return `${message.messageId} to "${message.exchange}" "${message.routingKey}"`;
}
