import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { messageTo, PARKED, parkerOn, silent, useAmqp, WORK, workTopology } from './amqp.fixture.js';
import {
  consumeBatches,
  createBundler,
  DONE,
  parkedReason,
  type AmqpSession,
  type BatchOutcome,
  type BundledMessage,
  type Bundler,
  type Delivery,
} from './index.js';

const amqp = useAmqp();

function bundlerOn(session: AmqpSession, bounds: { maxMessages?: number; maxBytes?: number } = {}): Bundler {
  return createBundler(amqp.publisher(session), { queue: WORK, timeoutMs: 10_000, ...bounds });
}

function numbered(count: number): BundledMessage[] {
  return Array.from({ length: count }, (_, number) => ({
    messageId: `m${number}`,
    body: Buffer.from(`body ${number}`),
    contentType: 'text/plain',
    headers: { number: String(number) },
  }));
}

/** Handles batches and keeps what was handled, in order. */
function consumer(
  session: AmqpSession,
  outcomeOf: (delivery: Delivery) => BatchOutcome,
  maxBatch = 100,
): { handled: Delivery[]; batches: number[] } {
  const kept = { handled: [] as Delivery[], batches: [] as number[] };
  const consuming = consumeBatches(session, {
    queue: WORK,
    prefetch: 100,
    maxBatch,
    logger: silent,
    park: parkerOn(amqp.publisher(session)),
    handle: (batch) => {
      kept.batches.push(batch.length);
      kept.handled.push(...batch);
      return Promise.resolve(batch.map(outcomeOf));
    },
  });
  amqp.closing({ close: () => consuming.close(1_000) });
  return kept;
}

const sessionWithQueue = (): AmqpSession => amqp.session({ topology: workTopology() });

async function emptied(session: AmqpSession): Promise<void> {
  await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
}

describe('createBundler', () => {
  it('sends what comes in one turn as one message, and handlers see each as it was', async () => {
    const session = sessionWithQueue();
    const bundler = bundlerOn(session);
    const messages = numbered(30);
    await Promise.all(messages.map((message) => bundler.publish(message)));
    expect(await session.messageCount(WORK)).toBe(1);
    const { handled } = consumer(session, () => DONE);
    await eventually(() => expect(handled).toHaveLength(30));
    expect(
      handled.map(({ messageId, headers, contentType, body }) => [messageId, headers, contentType, String(body)]),
    ).toEqual(
      messages.map(({ messageId, headers, contentType, body }) => [messageId, headers, contentType, String(body)]),
    );
    await emptied(session);
  });

  it('sends a message without company as it is', async () => {
    const session = sessionWithQueue();
    await bundlerOn(session).publish({ messageId: 'alone', body: Buffer.from('1'), contentType: 'text/plain' });
    const [delivery] = await amqp.drain(WORK, (taken) => taken.length === 1);
    expect(delivery).toMatchObject({ messageId: 'alone', contentType: 'text/plain', body: Buffer.from('1') });
  });

  it('keeps to its bounds of messages and bytes', async () => {
    const session = sessionWithQueue();
    const few = bundlerOn(session, { maxMessages: 4 });
    await Promise.all(numbered(10).map((message) => few.publish(message)));
    expect(await session.messageCount(WORK)).toBe(3);
    const small = bundlerOn(session, { maxBytes: 1_000 });
    await Promise.all(
      [400, 400, 5_000, 400].map((size) => small.publish({ messageId: `${size}`, body: Buffer.alloc(size) })),
    );
    expect(await session.messageCount(WORK)).toBe(6);
  });

  it('fails all of a bundle with the reason of the broker', async () => {
    const session = sessionWithQueue();
    const nowhere = createBundler(amqp.publisher(session), { queue: 'nowhere', timeoutMs: 10_000 });
    const ends = await Promise.allSettled(numbered(3).map((message) => nowhere.publish(message)));
    for (const end of ends) expect(end).toMatchObject({ status: 'rejected', reason: { reason: 'returned' } });
  });

  it('counts each message towards what a publisher takes', async () => {
    const session = sessionWithQueue();
    const publisher = amqp.publisher(session, { maxInFlight: 5 });
    const bundler = createBundler(publisher, { queue: WORK, timeoutMs: 10_000 });
    const first = Promise.all(numbered(6).map((message) => bundler.publish(message)));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(bundler.publish({ messageId: 'late', body: Buffer.from('1') })).rejects.toMatchObject({
      reason: 'overloaded',
    });
    await first;
    await bundler.publish({ messageId: 'later', body: Buffer.from('1') });
  });
});

describe('a bundle with a message that is not done', () => {
  it('parks the one that is refused, and the others are done once', async () => {
    const session = sessionWithQueue();
    const bundler = bundlerOn(session);
    const { handled } = consumer(session, ({ messageId }) =>
      messageId === 'm3' ? { outcome: 'park', reason: 'third' } : DONE,
    );
    await Promise.all(numbered(10).map((message) => bundler.publish(message)));
    const [parked] = await amqp.drain(PARKED, (taken) => taken.length === 1);
    expect(parked).toMatchObject({ messageId: 'm3', body: Buffer.from('body 3'), contentType: 'text/plain' });
    expect(parkedReason(parked?.headers ?? {})).toMatchObject({ reason: 'third', queue: WORK });
    expect(parked?.headers).toMatchObject({ number: '3' });
    await emptied(session);
    const times = (id: string) => handled.filter(({ messageId }) => messageId === id).length;
    expect(numbered(10).map(({ messageId }) => times(messageId))).toEqual([1, 1, 1, 2, 1, 1, 1, 1, 1, 1]);
  });

  it('brings back by itself the one that failed, or whose end came later and was a failure', async () => {
    const session = sessionWithQueue();
    const bundler = bundlerOn(session);
    const seen = new Map<string, number>();
    const { handled } = consumer(session, ({ messageId = '' }) => {
      seen.set(messageId, (seen.get(messageId) ?? 0) + 1);
      if (seen.get(messageId) !== 1) return DONE;
      if (messageId === 'm1') return { outcome: 'redeliver', afterMs: 1 };
      return messageId === 'm2' ? { outcome: 'later', ending: Promise.reject(new Error('no')) } : DONE;
    });
    await Promise.all(numbered(4).map((message) => bundler.publish(message)));
    await eventually(() => expect(handled).toHaveLength(6));
    expect(Object.fromEntries(seen)).toEqual({ m0: 1, m1: 2, m2: 2, m3: 1 });
    await emptied(session);
  });

  it('is taken apart before its messages are handled once it has come back twice', async () => {
    const session = sessionWithQueue();
    const bundler = bundlerOn(session);
    await Promise.all(numbered(5).map((message) => bundler.publish(message)));
    for (let loss = 0; loss < 2; loss += 1) {
      const cut = amqp.session({ topology: workTopology() });
      let taken = 0;
      const losing = consumeBatches(cut, {
        queue: WORK,
        prefetch: 10,
        maxBatch: 10,
        logger: silent,
        park: parkerOn(amqp.publisher(cut)),
        handle: (batch) => {
          taken = batch.length;
          return new Promise(() => undefined);
        },
      });
      await eventually(() => expect(taken).toBe(5));
      await losing.close(0);
      await cut.close();
    }
    const { handled, batches } = consumer(session, () => DONE);
    await eventually(() => expect(handled).toHaveLength(5));
    expect(handled.every(({ deliveryCount }) => deliveryCount === 0)).toBe(true);
    expect(Math.max(...batches)).toBeLessThanOrEqual(5);
    await emptied(session);
  });

  it('is never divided among batches', async () => {
    const session = sessionWithQueue();
    const bundler = bundlerOn(session, { maxMessages: 6 });
    await Promise.all(numbered(18).map((message) => bundler.publish(message)));
    const publisher = amqp.publisher(session);
    await publisher.publish(messageTo(WORK, 'single'));
    const { handled, batches } = consumer(session, () => DONE, 8);
    await eventually(() => expect(handled).toHaveLength(19));
    expect(batches.every((size) => [1, 6, 7].includes(size))).toBe(true);
  });
});
