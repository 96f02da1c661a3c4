import { createLogger, type Logger, type LogLevel } from '@millrace/observability';
import { cuttingProxy, useVhost, type CuttingProxy } from '@millrace/testing';
import { afterEach } from 'vitest';

import {
  consume,
  createParker,
  createPublisher,
  DONE,
  openSession,
  type AmqpSession,
  type BatchParker,
  type Consumer,
  type ConsumeOptions,
  type Delivery,
  type OutgoingMessage,
  type Publisher,
  type PublisherOptions,
  type QueueDeclaration,
  type SessionOptions,
  type Topology,
} from './index.js';

export const silent: Logger = createLogger({
  service: 'amqp-spec',
  level: (process.env['AMQP_SPEC_LOG'] as LogLevel | undefined) ?? 'silent',
});

export const WORK = 'work';
export const PARKED = 'parked';

export function topologyWith(part: Partial<Topology>): Topology {
  return { exchanges: [], queues: [], bindings: [], ...part };
}

/** A queue of work as production declares it; the README says which arguments matter. */
export function workQueue(name: string, deliveryLimit = 20): QueueDeclaration {
  return {
    name,
    type: 'quorum',
    durable: true,
    arguments: {
      'x-delivery-limit': deliveryLimit,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': PARKED,
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  };
}

/** A queue where messages stay. */
export function stayingQueue(name: string): QueueDeclaration {
  return { name, type: 'quorum', durable: true, arguments: { 'x-delivery-limit': 1_000_000 } };
}

/** One queue of work and the parked queue. */
export function workTopology(deliveryLimit = 20): Topology {
  return topologyWith({ queues: [stayingQueue(PARKED), workQueue(WORK, deliveryLimit)] });
}

export function messageTo(queue: string, messageId: string, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { exchange: '', routingKey: queue, body: Buffer.from(messageId), messageId, ...more };
}

export interface AmqpBench {
  readonly url: string;
  session(options?: Partial<SessionOptions>): AmqpSession;
  publisher(session: AmqpSession, options?: Partial<PublisherOptions>): Publisher;
  consumer(session: AmqpSession, options: Partial<ConsumeOptions> & Pick<ConsumeOptions, 'handle'>): Consumer;
  /** A proxy before the broker, gone after the test. */
  proxy(): Promise<CuttingProxy>;
  /** Takes what is in a queue, in a session of its own, until `enough` says so. */
  drain(queue: string, enough: (taken: readonly Delivery[]) => boolean): Promise<Delivery[]>;
  /** Closes something at the end of the test. */
  closing<T extends { close(): Promise<void> }>(resource: T): T;
}

/** Sessions, publishers and consumers on the given broker that are closed after each test, last made first. */
export function useAmqpOn(broker: { readonly amqpUrl: string }): AmqpBench {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const resource of open.splice(0).reverse()) await resource.close();
  });
  const bench: AmqpBench = {
    get url() {
      return broker.amqpUrl;
    },
    closing(resource) {
      open.push(resource);
      return resource;
    },
    session(options) {
      const defaults = { url: broker.amqpUrl, name: 'spec', topology: workTopology(), logger: silent };
      return bench.closing(openSession({ ...defaults, reconnect: { minMs: 20, maxMs: 300 }, ...options }));
    },
    publisher(session, options) {
      const publisher = createPublisher(session, { logger: silent, ...options });
      // The end of a test must not wait for what the test left without an answer.
      bench.closing({ close: () => publisher.close(100) });
      return publisher;
    },
    consumer(session, options) {
      const park = options.park ?? { park: () => Promise.reject(new Error('nothing is parked in this test')) };
      const consumer = consume(session, { queue: WORK, prefetch: 10, logger: silent, ...options, park });
      bench.closing({ close: () => consumer.close(1_000) });
      return consumer;
    },
    async proxy() {
      return bench.closing(await cuttingProxy(broker.amqpUrl));
    },
    async drain(queue, enough) {
      const session = openSession({ url: broker.amqpUrl, name: 'drain', topology: topologyWith({}), logger: silent });
      const taken: Delivery[] = [];
      let resolve: () => void;
      const complete = new Promise<void>((settle) => (resolve = settle));
      const consumer = consume(session, {
        queue,
        prefetch: 500,
        logger: silent,
        park: { park: () => Promise.resolve() },
        handle: (delivery) => {
          taken.push(delivery);
          if (enough(taken)) resolve();
          return Promise.resolve(DONE);
        },
      });
      if (!enough(taken)) await complete;
      await consumer.close();
      await session.close();
      return taken;
    },
  };
  return bench;
}

/** The same on a virtual host of its own for each test. */
export function useAmqp(): AmqpBench & { readonly vhost: ReturnType<typeof useVhost> } {
  const vhost = useVhost();
  return Object.assign(useAmqpOn(vhost), { vhost });
}

export function parkerOn(publisher: Publisher): BatchParker {
  return createParker(publisher, { queue: PARKED });
}

/** How a promise ended: `ok`, or the reason of its error. */
export async function endOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'reason' in error ? String(error.reason) : String(error);
  }
}
