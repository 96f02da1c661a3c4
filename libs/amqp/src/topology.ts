import type { Channel } from 'amqplib';

export type ArgumentTable = Readonly<Record<string, string | number | boolean>>;

export interface ExchangeDeclaration {
  name: string;
  type: 'direct' | 'fanout' | 'headers' | 'topic';
  /** Default true. */
  durable?: boolean;
}

export interface QueueDeclaration {
  name: string;
  /** Sent as `x-queue-type`, so that a default set on the broker cannot change what is declared. */
  type: 'quorum' | 'classic';
  durable: boolean;
  exclusive?: boolean;
  autoDelete?: boolean;
  /** `x-delivery-limit`, `x-dead-letter-exchange`, `x-expires` … */
  arguments?: ArgumentTable;
}

export interface BindingDeclaration {
  queue: string;
  exchange: string;
  routingKey: string;
}

export interface Topology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly QueueDeclaration[];
  readonly bindings: readonly BindingDeclaration[];
}

const REMEDIES: ReadonlyMap<number | undefined, string> = new Map([
  [404, 'what it refers to does not exist: declare that first'],
  [405, 'another connection holds it exclusively: it is free once the broker has noticed the end of that connection'],
  [406, 'it exists with other arguments: delete it on the broker, or declare it as it is'],
]);

/** A declaration that the broker refused. It stays refused until someone changes the one or the other. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
  /** The broker's reply code: 406 for other arguments, 403 for missing permission … */
  readonly code: number | undefined;

  constructor(what: string, cause: Error) {
    const code = replyCode(cause);
    const remedy = REMEDIES.get(code) ?? 'check permissions and arguments';
    super(`The broker refused to declare ${what}: ${remedy}. (${cause.message})`, { cause });
    this.code = code;
  }
}

/** The reply code with which the broker closed a channel, undefined when the error is of another kind. */
export function replyCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}

/**
 * Declares everything, exchanges before queues before bindings. Safe to repeat. Throws TopologyError when the broker refuses
 * a declaration (which also closes the channel), else the error that ended the channel.
 */
export async function declareTopology(channel: Channel, topology: Topology): Promise<void> {
  for (const exchange of topology.exchanges) {
    const { name, type, durable = true } = exchange;
    await refusalNamed(`exchange "${name}"`, channel.assertExchange(name, type, { durable }));
  }
  for (const queue of topology.queues) await declareQueue(channel, queue);
  for (const { queue, exchange, routingKey } of topology.bindings) {
    const what = `binding of queue "${queue}" to exchange "${exchange}"`;
    await refusalNamed(what, channel.bindQueue(queue, exchange, routingKey));
  }
}

/** Declares one queue and returns its name, which the broker chose when the given one is empty. */
export async function declareQueue(channel: Channel, queue: QueueDeclaration): Promise<string> {
  const { name, type, durable, exclusive = false, autoDelete = false } = queue;
  const declared = await refusalNamed(
    `queue "${name}"`,
    channel.assertQueue(name, {
      durable,
      exclusive,
      autoDelete,
      arguments: { ...queue.arguments, 'x-queue-type': type },
    }),
  );
  return declared.queue;
}

async function refusalNamed<T>(what: string, declaring: Promise<T>): Promise<T> {
  try {
    return await declaring;
  } catch (error) {
    throw error instanceof Error && replyCode(error) !== undefined ? new TopologyError(what, error) : error;
  }
}

/** What a session has declared and declares again on each new connection. */
export class DeclaredTopology {
  readonly #exchanges = new Map<string, ExchangeDeclaration>();
  readonly #queues = new Map<string, QueueDeclaration>();
  readonly #bindings = new Map<string, BindingDeclaration>();
  /** Topology objects known to be complete, so that asking again about the same object costs one look-up. */
  readonly #complete = new WeakSet<Topology>();

  hasExchange(name: string): boolean {
    return this.#exchanges.has(name);
  }

  /** The part that is not declared yet, undefined when nothing is missing. Another declaration of a known name is missing. */
  missing(topology: Topology): Topology | undefined {
    if (this.#complete.has(topology)) return undefined;
    const missing = {
      exchanges: topology.exchanges.filter((exchange) => !sameAs(this.#exchanges.get(exchange.name), exchange)),
      queues: topology.queues.filter((queue) => !sameAs(this.#queues.get(queue.name), queue)),
      bindings: topology.bindings.filter((binding) => !this.#bindings.has(JSON.stringify(binding))),
    };
    if (missing.exchanges.length + missing.queues.length + missing.bindings.length > 0) return missing;
    this.#complete.add(topology);
    return undefined;
  }

  keep(topology: Topology): void {
    for (const exchange of topology.exchanges) this.#exchanges.set(exchange.name, exchange);
    for (const queue of topology.queues) this.#queues.set(queue.name, queue);
    for (const binding of topology.bindings) this.#bindings.set(JSON.stringify(binding), binding);
    this.#complete.add(topology);
  }

  all(): Topology {
    return {
      exchanges: [...this.#exchanges.values()],
      queues: [...this.#queues.values()],
      bindings: [...this.#bindings.values()],
    };
  }
}

function sameAs(known: object | undefined, wanted: object): boolean {
  return known !== undefined && JSON.stringify(known) === JSON.stringify(wanted);
}
