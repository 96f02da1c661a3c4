import { asideQueues, componentAnnounced, exchanges, queues, rpcQueue, stepQueue } from './queues.js';

/** The largest message that is published; RabbitMQ 4 takes 16 MiB. */
export const maxMessageBytes = 15 * 1024 * 1024;

/** How often the broker delivers a message before it dead-letters it to `parked`. */
export const deliveryLimit = 20;

/** A queue as data; `libs/amqp` declares it. Arguments hold on RabbitMQ 3.10 and 4.x alike. */
export interface QueueDeclaration {
  name: string;
  type: 'quorum' | 'classic';
  durable: boolean;
  exclusive?: boolean;
  autoDelete?: boolean;
  arguments?: Record<string, string | number | boolean>;
}

export interface ExchangeDeclaration {
  name: string;
  type: 'topic' | 'fanout' | 'direct';
  durable: boolean;
}

export interface BindingDeclaration {
  exchange: string;
  queue: string;
  routingKey: string;
}

export interface Topology {
  exchanges: ExchangeDeclaration[];
  queues: QueueDeclaration[];
  bindings: BindingDeclaration[];
}

function workQueue(name: string): QueueDeclaration {
  return {
    name,
    type: 'quorum',
    durable: true,
    arguments: {
      'x-delivery-limit': deliveryLimit,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': queues.parked,
      // With `reject-publish` dead-lettering is at-least-once: the broker itself keeps a message
      // until `parked` has confirmed it.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  };
}

/** What every process declares: the shared queues and exchanges. */
export const coreTopology: Topology = {
  exchanges: [
    { name: exchanges.events, type: 'topic', durable: true },
    { name: exchanges.invalidate, type: 'fanout', durable: true },
  ],
  queues: [
    // `parked` is the end of the line: no dead-lettering, and a limit out of reach, for RabbitMQ 4 drops a message
    // that was returned 20 times where none is given.
    { name: queues.parked, type: 'quorum', durable: true, arguments: { 'x-delivery-limit': 1_000_000 } },
    workQueue(queues.triggers),
    workQueue(queues.results),
    workQueue(queues.catalogue),
    // As with `rpc.<component>`: who asks waits, and an unanswered question expires.
    { name: queues.refresh, type: 'quorum', durable: true },
  ],
  bindings: [{ exchange: exchanges.events, queue: queues.catalogue, routingKey: componentAnnounced }],
};

/** The queues of one component; declared by the component and by whoever sends to it, whichever comes first. */
export function componentTopology(component: string): Topology {
  return {
    exchanges: [],
    queues: [
      workQueue(stepQueue(component)),
      // A control-plane call has a caller who waits: an unanswered one expires, it isn't parked.
      { name: rpcQueue(component), type: 'quorum', durable: true },
    ],
    bindings: [],
  };
}

/** The queues that a component keeps for itself; only it sends to them. */
export function asideTopology(component: string): Topology {
  return { exchanges: [], queues: Object.values(asideQueues(component)).map(workQueue), bindings: [] };
}
