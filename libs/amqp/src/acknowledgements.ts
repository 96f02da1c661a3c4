import type { Channel, Message } from 'amqplib';

import { writeAck } from './write-ack.js';
import { TagWindow } from './tag-window.js';

/**
 * How a delivery is settled:
 * - `ack`: handled;
 * - `failed`: given back as a failure (`basic.reject`), which counts towards the delivery limit on every RabbitMQ version;
 * - `unused`: given back untouched (`basic.nack`), which RabbitMQ counts before 4.3 and does not count from 4.3 on.
 */
export type Settlement = 'ack' | 'failed' | 'unused';

/** Acks are held back at most until this many wait. */
const MAX_HELD = 1_000;

/**
 * Settles the deliveries of one channel and dies with it: a tag belongs to its channel, on another one it would settle a
 * different message.
 *
 * Acks are gathered per turn of the event loop and sent as one multiple ack as far as all lower tags are settled, because a
 * quorum queue writes each ack frame to its log. An ack that an unsettled lower tag stands before is sent singly once it
 * has waited `holdMs`.
 */
export class Acknowledgements {
  readonly #channel: Channel;
  readonly #holdMs: number;
  /** `open` until settled, then `acked` until that is sent. Removed tags are settled and told to the broker. */
  readonly #window = new TagWindow<'open' | 'acked'>();
  #held: number[] = [];
  #heldSince = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #holdTimer: NodeJS.Timeout | undefined;
  #dead = false;

  constructor(channel: Channel, options: { holdMs: number }) {
    this.#channel = channel;
    this.#holdMs = options.holdMs;
  }

  /** True once the channel is gone: its deliveries come again elsewhere. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Must be told of every delivery of the channel, in order. */
  received(): number {
    return this.#window.push('open');
  }

  /** Settles a tag. Does nothing for one that is settled already or whose channel is gone. */
  settle(tag: number, settlement: Settlement): void {
    if (this.#dead || this.#window.get(tag) !== 'open') return;
    if (settlement !== 'ack') {
      this.#window.remove(tag);
      if (settlement === 'failed') this.#send(() => this.#channel.reject(withTag(tag), true));
      else this.#send(() => this.#channel.nack(withTag(tag), false, true));
      return;
    }
    this.#window.set(tag, 'acked');
    if (this.#held.length === 0) this.#heldSince = performance.now();
    this.#held.push(tag);
    this.#scheduled ??= setImmediate(() => this.flush(false));
  }

  /**
   * Acks one delivery by a system call within this very call, for a process whose event loop does not go on. The library
   * queues frames until the next turn, so this one goes past it; that is whole frames between whole frames.
   */
  acknowledgeNow(tag: number): boolean {
    if (this.#dead || this.#window.get(tag) !== 'open') return false;
    this.#window.remove(tag);
    return writeAck(this.#channel, tag);
  }

  /** Sends the acks that are due; with `all` also those that are held back. */
  flush(all: boolean): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#dead || this.#held.length === 0) return;
    this.#sendSettledFront();
    this.#held = this.#held.filter((tag) => this.#window.get(tag) === 'acked');
    if (this.#held.length === 0) return;
    const restMs = this.#holdMs - (performance.now() - this.#heldSince);
    if (all || restMs <= 0 || this.#held.length >= MAX_HELD) {
      const held = this.#held;
      this.#held = [];
      for (const tag of held) {
        this.#window.remove(tag);
        this.#send(() => this.#channel.ack(withTag(tag), false));
      }
    } else {
      this.#holdTimer ??= setTimeout(() => {
        this.#holdTimer = undefined;
        this.flush(false);
      }, restMs);
    }
  }

  /** The channel is gone: nothing can be settled on it any more. */
  die(): void {
    this.#dead = true;
    clearImmediate(this.#scheduled);
    clearTimeout(this.#holdTimer);
  }

  /** One multiple ack for the front of the window, as far as nothing in it is open. */
  #sendSettledFront(): void {
    let last: number | undefined;
    let count = 0;
    // Removing moves `first` on, also past tags that were told to the broker earlier.
    while (this.#window.get(this.#window.first) === 'acked') {
      last = this.#window.first;
      count += 1;
      this.#window.remove(last);
    }
    if (last === undefined) return;
    const tag = last;
    this.#send(() => this.#channel.ack(withTag(tag), count > 1));
  }

  #send(send: () => void): void {
    try {
      send();
    } catch {
      // The library throws on a channel that is closing or closed: the broker delivers these messages again.
      this.die();
    }
  }
}

function withTag(deliveryTag: number): Message {
  return { fields: { deliveryTag } } as Message;
}
