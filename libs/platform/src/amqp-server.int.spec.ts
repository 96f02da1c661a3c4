import 'reflect-metadata';
import {
  createParker,
  createPublisher,
  DONE,
  openSessions,
  PublishError,
  type Delivery,
  type Outcome,
  type Publisher,
  type SessionPair,
} from '@millrace/amqp';
import { createLogger } from '@millrace/observability';
import { cuttingProxy, eventually, useVhost, type CuttingProxy } from '@millrace/testing';
import {
  Controller,
  Injectable,
  Module,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type INestMicroservice,
  type NestInterceptor,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AmqpServer } from './amqp-server.js';
import { nestLogger } from './nest-logger.js';
import { QueueBatchHandler, QueueHandler } from './queue-handler.js';

const vhost = useVhost();

const seen: string[] = [];
const batchSizes: number[] = [];
const lines: string[] = [];
let behaviour: (text: string) => Promise<Outcome> = () => Promise.resolve(DONE);
const queueName = (): string => 'lazy';

@Injectable()
class Remembering implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    seen.push('intercepted');
    return next.handle();
  }
}

@Controller()
class QueuesController {
  private readonly prefix = 'got ';

  @QueueHandler('singles', { prefetch: 10, concurrency: 2 })
  single(delivery: Delivery): Promise<Outcome> {
    seen.push(this.prefix + delivery.body.toString());
    return behaviour(delivery.body.toString());
  }

  @QueueBatchHandler('batches', () => ({ prefetch: 200, maxBatch: 100 }))
  async batch(deliveries: Delivery[]): Promise<Outcome[]> {
    batchSizes.push(deliveries.length);
    return deliveries.map(() => DONE);
  }

  @UseInterceptors(Remembering)
  @QueueHandler(queueName, { prefetch: 1 })
  async lazy(delivery: Delivery): Promise<Outcome> {
    seen.push(delivery.body.toString());
    return DONE;
  }
}

@Module({ controllers: [QueuesController] })
class QueuesModule {}

const logger = createLogger({
  service: 'spec',
  level: 'warn',
  destination: { write: (line) => void lines.push(line) },
});
let proxy: CuttingProxy;
let sessions: SessionPair;
let publisher: Publisher;
let server: AmqpServer;
let app: INestMicroservice;

beforeEach(async () => {
  seen.length = 0;
  batchSizes.length = 0;
  lines.length = 0;
  behaviour = () => Promise.resolve(DONE);
  proxy = await cuttingProxy(vhost.amqpUrl);
  const names = ['singles', 'batches', 'lazy'];
  const queues = names.map((name) => ({ name, type: 'quorum', durable: true }) as const);
  sessions = openSessions({
    url: proxy.through(vhost.amqpUrl),
    name: 'spec',
    topology: { exchanges: [], queues: [...queues, { name: 'parked', type: 'quorum', durable: true }], bindings: [] },
    logger,
  });
  publisher = createPublisher(sessions.publishing, { logger });
  server = new AmqpServer({ session: sessions.consuming, park: createParker(publisher), logger });
  app = await NestFactory.createMicroservice(QueuesModule, { strategy: server, logger: nestLogger(logger) });
  await app.listen();
});

afterEach(async () => {
  await app.close();
  await publisher.close();
  await sessions.close();
  await proxy.close();
});

async function send(queue: string, text: string): Promise<void> {
  await publisher.publish({ exchange: '', routingKey: queue, body: Buffer.from(text), messageId: text });
}

describe('AmqpServer', () => {
  it('hands deliveries to the decorated method and acks what is done', async () => {
    await server.subscribed();
    await send('singles', 'one');
    await eventually(() => expect(seen).toEqual(['got one']));
    await app.close();
    expect(await sessions.consuming.messageCount('singles')).toBe(0);
  });

  it('hands batches to the method that takes batches', async () => {
    await Promise.all(Array.from({ length: 150 }, (_, index) => send('batches', String(index))));
    await eventually(() => expect(batchSizes.reduce((sum, size) => sum + size, 0)).toBe(150));
    expect(batchSizes.length).toBeLessThan(75);
    await app.close();
    expect(await sessions.consuming.messageCount('batches')).toBe(0);
  });

  it('runs interceptors, and takes the name of a queue when it starts', async () => {
    await send('lazy', 'x');
    await eventually(() => expect(seen).toEqual(['intercepted', 'x']));
    await app.close();
    expect(await sessions.consuming.messageCount('lazy')).toBe(0);
  });

  it('parks with the reason of the handler', async () => {
    behaviour = () => Promise.resolve({ outcome: 'park', reason: 'cannot be read' });
    await send('singles', 'odd');
    await eventually(async () => expect(await sessions.consuming.messageCount('parked')).toBe(1));
  });

  it('redelivers after a throw and logs the real error', async () => {
    let failures = 1;
    behaviour = () => {
      if (failures-- > 0) throw new Error('the database went away');
      return Promise.resolve(DONE);
    };
    await send('singles', 'again');
    await eventually(() => expect(seen).toEqual(['got again', 'got again']));
    expect(lines.join('')).toContain('the database went away');
    expect(lines.join('')).not.toContain('Internal server error');
  });

  it('drains on close: work in flight ends and is acked, the rest stays in the queue', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    behaviour = () => gate.then(() => DONE);
    for (const text of ['a', 'b', 'c', 'd']) await send('singles', text);
    await eventually(() => expect(seen).toHaveLength(2));
    const closing = app.close();
    setTimeout(release, 200);
    await closing;
    expect(seen).toEqual(['got a', 'got b']);
    expect(await sessions.consuming.messageCount('singles')).toBe(2);
  });

  it('is not ready yet when the session is up again and its queues are not', async () => {
    await server.subscribed();
    const faults: string[] = [];
    sessions.consuming.onState((state) => {
      if (state !== 'up') return;
      try {
        server.assertReady();
        faults.push('none');
      } catch (error) {
        faults.push((error as Error).message);
      }
    });
    proxy.cut();
    await eventually(() => expect(faults).toEqual(['not subscribed: singles, batches, lazy']));
    await eventually(() => expect(() => server.assertReady()).not.toThrow());
  });

  it('is ready only while it is subscribed, and is so again after a cut', async () => {
    await server.subscribed();
    expect(() => server.assertReady()).not.toThrow();
    proxy.refuse();
    proxy.cut();
    await eventually(() => expect(() => server.assertReady()).toThrow(/session with the broker is connecting/));
    proxy.restore();
    await eventually(() => expect(() => server.assertReady()).not.toThrow());
    await sendThroughCuts('singles', 'after');
    await eventually(() => expect(seen).toContain('got after'));
  });
});

async function sendThroughCuts(queue: string, text: string): Promise<void> {
  await eventually(async () => {
    try {
      await send(queue, text);
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      expect.fail(error.message);
    }
  });
}
