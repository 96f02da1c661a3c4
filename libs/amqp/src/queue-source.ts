import type { Channel } from 'amqplib';

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

/** Where a subscription takes its messages from. */
export class SourceQueue {
  /** Undefined while the broker or a function has yet to choose it. */
  name: string | undefined;

  readonly #source: QueueSource;
  #generation = 0;

  constructor(source: QueueSource) {
    this.#source = source;
    this.name = typeof source === 'string' ? source : undefined;
  }

  /** The queue's name; an instance queue is declared first and keeps its name as long as the connection lives. */
  async declare(channel: Channel, generation: number): Promise<string> {
    if (typeof this.#source === 'string') return this.#source;
    const {
      name = '',
      bindings = [],
      arguments: table = {},
    }: InstanceQueue = typeof this.#source === 'function' ? { name: this.#source } : this.#source;
    if (this.name === undefined || this.#generation !== generation) {
      this.name = typeof name === 'function' ? name() : name;
    }
    this.#generation = generation;
    const queue = await declareQueue(channel, {
      name: this.name,
      type: 'classic',
      durable: false,
      exclusive: true,
      arguments: table,
    });
    this.name = queue;
    for (const { exchange, routingKey } of bindings) await channel.bindQueue(queue, exchange, routingKey);
    return queue;
  }
}
