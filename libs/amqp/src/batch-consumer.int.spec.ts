import { setTimeout as delay } from 'node:timers/promises';

import { eventually } from '@millrace/testing';
import { describe, expect, it, vi } from 'vitest';

import { Acknowledgements } from './acknowledgements.js';
import { messageTo, PARKED, parkerOn, silent, useAmqp, WORK, workTopology } from './amqp.fixture.js';
import {
  consumeBatches,
  DONE,
  parkedReason,
  type AmqpSession,
  type ConsumeBatchesOptions,
  type Consumer,
  type Delivery,
  type Outcome,
} from './index.js';

const amqp = useAmqp();

type BatchOptions = Partial<ConsumeBatchesOptions> & Pick<ConsumeBatchesOptions, 'handle'>;

function batchConsumer(session: AmqpSession, options: BatchOptions): Consumer {
  const nothing = () => Promise.reject(new Error('nothing is parked or taken apart in this test'));
  const park = options.park ?? { park: nothing, requeue: nothing };
  const consumer = consumeBatches(session, {
    queue: WORK,
    prefetch: 300,
    maxBatch: 100,
    logger: silent,
    ...options,
    park,
  });
  amqp.closing({ close: () => consumer.close(1_000) });
  return consumer;
}

const allDone = (batch: Delivery[]): Outcome[] => batch.map(() => DONE);
const idsOf = (batch: readonly Delivery[]): string[] => batch.map(({ messageId }) => messageId ?? '');

async function publishNumbered(session: AmqpSession, count: number): Promise<void> {
  const publisher = amqp.publisher(session);
  await Promise.all(Array.from({ length: count }, (_, id) => publisher.publish(messageTo(WORK, `m${id}`))));
}

describe('a batch consumer', () => {
  it('starts with one message when idle and takes what has arrived when busy', async () => {
    const received = vi.spyOn(Acknowledgements.prototype, 'received');
    const session = amqp.session();
    await publishNumbered(session, 1);
    const sizes: number[] = [];
    let finishFirst: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (finishFirst = resolve));
    batchConsumer(session, {
      handle: async (batch) => {
        sizes.push(batch.length);
        if (sizes.length === 1) await first;
        return allDone(batch);
      },
    });
    await eventually(() => expect(sizes).toEqual([1]));
    await publishNumbered(session, 250);
    await eventually(() => expect(received).toHaveBeenCalledTimes(251));
    received.mockRestore();
    finishFirst();
    await eventually(() => expect(sizes).toEqual([1, 100, 100, 50]));
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
  });

  it('waits for more when it is told to, but not longer than that', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const batches: string[][] = [];
    const consumer = batchConsumer(session, {
      maxWaitMs: 1_000,
      maxBatch: 3,
      handle: (batch) => {
        batches.push(idsOf(batch));
        return Promise.resolve(allDone(batch));
      },
    });
    await consumer.started;
    for (const id of ['a', 'b', 'c', 'd']) await publisher.publish(messageTo(WORK, id));
    await eventually(() => expect(batches).toEqual([['a', 'b', 'c'], ['d']]));
  });

  it('puts no more bytes into a batch than allowed, but a message that alone is larger', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const sizes: number[] = [2_000, 2_000, 500, 9_000, 2_000, 2_000, 100];
    for (const [index, bytes] of sizes.entries()) {
      await publisher.publish(messageTo(WORK, `m${index}`, { body: Buffer.alloc(bytes) }));
    }
    const batches: number[][] = [];
    const consumer = batchConsumer(session, {
      maxBatchBytes: 5_000,
      maxWaitMs: 300,
      handle: (batch) => {
        batches.push(batch.map(({ body }) => body.length));
        return Promise.resolve(allDone(batch));
      },
    });
    await consumer.started;
    await eventually(() => expect(batches.flat()).toHaveLength(7));
    expect(batches).toEqual([[2_000, 2_000, 500], [9_000], [2_000, 2_000, 100]]);
  });

  it('holds no more bytes than allowed, and handles later what did not fit', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const body = Buffer.alloc(100_000);
    await Promise.all(Array.from({ length: 60 }, (_, id) => publisher.publish(messageTo(WORK, `m${id}`, { body }))));
    const done = new Set<string>();
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    batchConsumer(session, {
      maxHeldBytes: 1_000_000,
      handle: async (batch) => {
        await held;
        for (const id of idsOf(batch)) done.add(id);
        return allDone(batch);
      },
    });
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(50));
    finish();
    await eventually(() => expect(done.size).toBe(60));
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
  });

  it('handles no more batches at a time than allowed, and acks each message once whatever ends first', async () => {
    const session = amqp.session();
    const seen = new Map<string, number>();
    let running = 0;
    let most = 0;
    const consumer = batchConsumer(session, {
      prefetch: 120,
      maxBatch: 30,
      concurrentBatches: 3,
      handle: async (batch) => {
        running += 1;
        most = Math.max(most, running);
        await delay(Math.random() * 20);
        running -= 1;
        for (const id of idsOf(batch)) seen.set(id, (seen.get(id) ?? 0) + 1);
        return allDone(batch);
      },
    });
    await consumer.started;
    await publishNumbered(session, 1_000);
    await eventually(() => expect(seen.size).toBe(1_000), { timeoutMs: 10_000 });
    await consumer.close();
    expect(most).toBe(3);
    expect(await session.messageCount(WORK)).toBe(0);
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
  });

  it('settles each message of a batch by its own outcome', async () => {
    const session = amqp.session();
    await publishNumbered(session, 60);
    const handled: Delivery[] = [];
    batchConsumer(session, {
      park: parkerOn(amqp.publisher(session)),
      handle: (batch) => {
        handled.push(...batch);
        const outcomes = batch.map(({ messageId, redelivered }): Outcome => {
          const number = Number(messageId?.slice(1));
          if (number % 3 === 1) return { outcome: 'park', reason: `reason ${number}` };
          return number % 3 === 2 && !redelivered ? { outcome: 'redeliver', afterMs: 10 } : DONE;
        });
        return Promise.resolve(outcomes);
      },
    });
    const parked = await amqp.drain(PARKED, (taken) => taken.length === 20);
    await eventually(() => expect(handled).toHaveLength(80));
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
    for (const { messageId, headers } of parked) {
      expect(parkedReason(headers)).toMatchObject({ reason: `reason ${messageId?.slice(1)}`, queue: WORK });
    }
    const again = handled.filter(({ redelivered }) => redelivered).map(({ messageId }) => Number(messageId?.slice(1)));
    expect(new Set(again)).toEqual(new Set(Array.from({ length: 20 }, (_, index) => index * 3 + 2)));
  });

  it('goes on with the next batches while an outcome comes later, and settles it then', async () => {
    const session = amqp.session();
    let end: (outcome: Outcome) => void = () => undefined;
    const late = { outcome: 'later' as const, ending: new Promise<Outcome>((resolve) => (end = resolve)) };
    const seen: string[] = [];
    const consumer = batchConsumer(session, {
      handle: (batch) => {
        seen.push(...idsOf(batch));
        return Promise.resolve(batch.map((_, at) => (seen.length === 1 && at === 0 ? late : DONE)));
      },
    });
    await publishNumbered(session, 1);
    await eventually(() => expect(seen).toHaveLength(1));
    await publishNumbered(session, 3);
    await eventually(() => expect(seen).toHaveLength(4));
    await eventually(() => expect(consumer.inFlight).toBe(1));
    end(DONE);
    await eventually(() => expect(consumer.inFlight).toBe(0));
  });

  it('delivers a message again whose late outcome fails', async () => {
    const session = amqp.session();
    let times = 0;
    batchConsumer(session, {
      handle: (batch) => {
        times += 1;
        const failing = () => ({ outcome: 'later' as const, ending: Promise.reject<Outcome>(new Error('late')) });
        return Promise.resolve(batch.map(() => (times === 1 ? failing() : DONE)));
      },
    });
    await publishNumbered(session, 1);
    await eventually(() => expect(times).toBe(2));
  });

  it('keeps a poisonous message from taking its neighbours with it to the parked queue', async () => {
    const session = amqp.session({ topology: workTopology(4) });
    await publishNumbered(session, 20);
    const done = new Set<string>();
    batchConsumer(session, {
      handle: (batch) => {
        if (idsOf(batch).includes('m7')) return Promise.reject(new Error('poison'));
        for (const id of idsOf(batch)) done.add(id);
        return Promise.resolve(allDone(batch));
      },
    });
    const parked = await amqp.drain(PARKED, (taken) => taken.length > 0);
    expect(idsOf(parked)).toEqual(['m7']);
    await eventually(() => expect(done.size).toBe(19));
    expect(await session.messageCount(PARKED)).toBe(0);
  }, 30_000);

  it('gives a batch back when its handler returns too few outcomes', async () => {
    const session = amqp.session();
    await publishNumbered(session, 1);
    let calls = 0;
    batchConsumer(session, {
      handle: (batch) => {
        calls += 1;
        return Promise.resolve(calls === 1 ? [] : allDone(batch));
      },
    });
    await eventually(() => expect(calls).toBe(2));
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
  });

  it('goes on after its connection was cut between two batches', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    const direct = amqp.session();
    await publishNumbered(direct, 500);
    const done = new Set<string>();
    let batches = 0;
    batchConsumer(session, {
      prefetch: 60,
      maxBatch: 20,
      concurrentBatches: 2,
      handle: async (batch) => {
        batches += 1;
        if (batches % 8 === 4) proxy.cut();
        await delay(5);
        for (const id of idsOf(batch)) done.add(id);
        return allDone(batch);
      },
    });
    await eventually(() => expect(done.size).toBe(500), { timeoutMs: 15_000 });
    await eventually(async () => expect(await direct.messageCount(WORK)).toBe(0));
  });

  it('finishes its batches on close, acks them and gives the rest back', async () => {
    const session = amqp.session();
    await publishNumbered(session, 50);
    const begun: string[] = [];
    let batches = 0;
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const consumer = batchConsumer(session, {
      prefetch: 40,
      maxBatch: 10,
      concurrentBatches: 2,
      handle: async (batch) => {
        batches += 1;
        begun.push(...idsOf(batch));
        await held;
        return allDone(batch);
      },
    });
    await eventually(() => expect(batches).toBe(2));
    expect(consumer.inFlight).toBe(begun.length);
    const closed = consumer.close();
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(50 - begun.length));
    finish();
    await closed;
    const rest = await amqp.drain(WORK, (taken) => taken.length === 50 - begun.length);
    expect(new Set([...begun, ...idsOf(rest)]).size).toBe(50);
    expect(await session.messageCount(WORK)).toBe(0);
  });
});
