import { setTimeout as delay } from 'node:timers/promises';

import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { messageTo, PARKED, parkerOn, topologyWith, useAmqp, WORK, workTopology } from './amqp.fixture.js';
import { DONE, parkedReason, type Delivery, type Outcome, type Turn } from './index.js';

const amqp = useAmqp();

/** A handler whose calls wait until the test lets them go. */
function heldHandler(): {
  handle: (delivery: Delivery) => Promise<Outcome>;
  begun: Delivery[];
  release: (outcome?: Outcome) => void;
} {
  const begun: Delivery[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  return {
    begun,
    handle: (delivery) =>
      new Promise((resolve) => {
        begun.push(delivery);
        waiting.push(resolve);
      }),
    release: (outcome = DONE) => {
      for (const resolve of waiting.splice(0)) resolve(outcome);
    },
  };
}

describe('a consumer', () => {
  it('handles every message, no more at a time than allowed, and leaves the queue empty', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const handled = new Set<string | undefined>();
    let running = 0;
    let most = 0;
    const consumer = amqp.consumer(session, {
      prefetch: 50,
      concurrency: 4,
      handle: async ({ messageId }) => {
        running += 1;
        most = Math.max(most, running);
        await delay(1);
        running -= 1;
        handled.add(messageId);
        return DONE;
      },
    });
    await consumer.started;
    await Promise.all(Array.from({ length: 300 }, (_, id) => publisher.publish(messageTo(WORK, `m${id}`))));
    await eventually(() => expect(handled.size).toBe(300));
    await consumer.close();
    expect(most).toBe(4);
    expect(consumer.inFlight).toBe(0);
    expect(await session.messageCount(WORK)).toBe(0);
  });

  it('parks a message with the reason, body and headers unchanged', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    amqp.consumer(session, {
      park: parkerOn(publisher),
      handle: () => Promise.resolve({ outcome: 'park', reason: 'not JSON: line 1' }),
    });
    const body = Buffer.from([1, 2, 0, 255]);
    await publisher.publish(messageTo(WORK, 'm1', { body, headers: { flowId: 'f1' }, contentType: 'text/plain' }));
    const [parked] = await amqp.drain(PARKED, (taken) => taken.length === 1);
    expect(parked).toMatchObject({ body, messageId: 'm1', headers: { flowId: 'f1' }, contentType: 'text/plain' });
    expect(parkedReason(parked!.headers)).toEqual({
      reason: 'not JSON: line 1',
      queue: WORK,
      at: expect.stringMatching(/^\d{4}-/) as string,
    });
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
  });

  it('gives a failed message back until the delivery limit sends it to the parked queue', async () => {
    const session = amqp.session({ topology: workTopology(2) });
    const counts: number[] = [];
    amqp.consumer(session, {
      handle: ({ deliveryCount }) => {
        counts.push(deliveryCount);
        return Promise.reject(new Error('poison'));
      },
    });
    await amqp.publisher(session).publish(messageTo(WORK, 'm1', { headers: { flowId: 'f1' } }));
    const [parked] = await amqp.drain(PARKED, (taken) => taken.length === 1);
    expect(counts).toEqual([0, 1, 2]);
    expect(parked).toMatchObject({ messageId: 'm1', body: Buffer.from('m1'), headers: { flowId: 'f1' } });
    expect(parkedReason(parked!.headers)).toEqual({ reason: 'delivery_limit', queue: WORK, at: undefined });
  });

  it('handles other messages while a failed one waits to be given back', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const seen: string[] = [];
    amqp.consumer(session, {
      prefetch: 2,
      concurrency: 1,
      handle: ({ messageId, redelivered }) => {
        seen.push(`${messageId}${redelivered ? ' again' : ''}`);
        const failed = messageId === 'm1' && !redelivered;
        return Promise.resolve(failed ? { outcome: 'redeliver', afterMs: 300 } : DONE);
      },
    });
    for (const id of ['m1', 'm2', 'm3']) await publisher.publish(messageTo(WORK, id));
    await eventually(() => expect(seen).toEqual(['m1', 'm2', 'm3', 'm1 again']));
  });

  it('subscribes again after the connection was cut, and nothing stays behind', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    const publisher = amqp.publisher(amqp.session());
    const handled = new Set<string | undefined>();
    let subscriptions = 0;
    const consumer = amqp.consumer(session, {
      onSubscribed: () => (subscriptions += 1),
      handle: async ({ messageId }) => {
        await delay(2);
        handled.add(messageId);
        return DONE;
      },
    });
    await consumer.started;
    for (let id = 0; id < 400; id += 1) {
      await publisher.publish(messageTo(WORK, `m${id}`));
      if (id % 100 === 50) proxy.cut();
    }
    await eventually(() => expect(handled.size).toBe(400), { timeoutMs: 10_000 });
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
    expect(subscriptions).toBeGreaterThan(2);
  });

  it('never acks on a new channel what came on an old one', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    const publisher = amqp.publisher(amqp.session());
    const held = heldHandler();
    amqp.consumer(session, { prefetch: 3, handle: held.handle });
    await publisher.publish(messageTo(WORK, 'm1'));
    await eventually(() => expect(held.begun).toHaveLength(1));
    proxy.cut();
    await eventually(() => expect(held.begun).toHaveLength(2));
    expect(held.begun[1]).toMatchObject({ messageId: 'm1', redelivered: true });
    await publisher.publish(messageTo(WORK, 'm2'));
    await eventually(() => expect(held.begun).toHaveLength(3));
    held.release();
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
    await delay(200);
    expect(held.begun.map(({ messageId }) => messageId)).toEqual(['m1', 'm1', 'm2']);
  });
});

describe('the bytes that a consumer holds', () => {
  const body = Buffer.alloc(200 * 1024, 'x');
  const maxHeldBytes = 1024 * 1024;

  it('are bounded whatever the prefetch, and what did not fit is handled later', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const ids = Array.from({ length: 40 }, (_, id) => `m${id}`);
    await Promise.all(ids.map((id) => publisher.publish(messageTo(WORK, id, { body }))));
    const held = heldHandler();
    const consumer = amqp.consumer(session, { prefetch: 40, maxHeldBytes, handle: held.handle });
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(35));
    expect(consumer.inFlight).toBe(5);
    expect(consumer.subscribed).toBe(true);
    await eventually(async () => {
      expect(consumer.inFlight).toBeLessThanOrEqual(5);
      held.release();
      expect(new Set(held.begun.map(({ messageId }) => messageId)).size).toBe(40);
      expect(await session.messageCount(WORK)).toBe(0);
    });
    expect(held.begun).toHaveLength(40);
    expect(Math.max(...held.begun.map(({ deliveryCount }) => deliveryCount))).toBeLessThanOrEqual(1);
  });

  it('are not counted while a failed message waits to be given back', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const handled: (string | undefined)[] = [];
    amqp.consumer(session, {
      maxHeldBytes,
      handle: ({ messageId }) => {
        handled.push(messageId);
        return Promise.resolve(messageId === 'small' ? DONE : { outcome: 'redeliver', afterMs: 60_000 });
      },
    });
    for (let id = 0; id < 8; id += 1) await publisher.publish(messageTo(WORK, `m${id}`, { body }));
    await publisher.publish(messageTo(WORK, 'small'));
    await eventually(() => expect(handled).toContain('small'));
    expect(handled).toHaveLength(9);
  });

  it('let a message through that alone is larger', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const handled: number[] = [];
    amqp.consumer(session, {
      maxHeldBytes: 1_000,
      handle: (delivery) => {
        handled.push(delivery.body.length);
        return Promise.resolve(DONE);
      },
    });
    for (const id of ['m1', 'm2', 'm3']) await publisher.publish(messageTo(WORK, id, { body }));
    await eventually(() => expect(handled).toEqual([body.length, body.length, body.length]));
  });
});

describe('a delivery that is handled alone', () => {
  /** Suspects are those whose id says so. */
  const turn = ({ messageId = '' }: Delivery): Turn => (messageId.startsWith('suspect') ? 'alone' : 'shared');

  it('has nothing beside it, in its handler or held by the consumer, and all others get their turn', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const ids = ['m0', 'm1', 'suspect0', 'm2', 'suspect1', 'm3', 'm4', 'm5'];
    for (const id of ids) await publisher.publish(messageTo(WORK, id));
    const held = heldHandler();
    const consumer = amqp.consumer(session, { prefetch: 3, turn, handle: held.handle });
    const handled: string[] = [];
    await eventually(() => {
      const running = held.begun.slice(handled.length).map(({ messageId }) => messageId ?? '');
      if (running.some((id) => id.startsWith('suspect'))) expect(running).toHaveLength(1);
      handled.push(...running);
      held.release();
      expect(handled.toSorted()).toEqual(ids.toSorted());
    });
    await consumer.close();
    expect(await session.messageCount(WORK)).toBe(0);
  });

  it('is the only one that the consumer holds when the first thing that it gets is one', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    for (const id of ['suspect', 'm1', 'm2', 'm3']) await publisher.publish(messageTo(WORK, id));
    const held = heldHandler();
    amqp.consumer(session, { prefetch: 10, turn, handle: held.handle });
    await eventually(() => expect(held.begun).toHaveLength(1));
    await delay(100);
    expect(await session.messageCount(WORK)).toBe(3);
    held.release();
    await eventually(() => expect(held.begun).toHaveLength(4));
    held.release();
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(0));
  });
});

describe('the state of a subscription', () => {
  it('is told while the connection is there and while it is not', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    const consumer = amqp.consumer(session, { handle: () => Promise.resolve(DONE) });
    expect(consumer.subscribed).toBe(false);
    await consumer.started;
    expect(consumer.subscribed).toBe(true);
    proxy.refuse();
    proxy.cut();
    await eventually(() => expect(consumer.subscribed).toBe(false));
    proxy.restore();
    await eventually(() => expect(consumer.subscribed).toBe(true));
  });
});

describe('a delivery that is acked first', () => {
  it('is gone from the queue when its handler begins, and does not come again however that ends', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    let left: number | undefined;
    let calls = 0;
    const consumer = amqp.consumer(session, {
      acks: 'first',
      prefetch: 1,
      handle: async () => {
        calls += 1;
        await consumer.started;
        left ??= await eventually(async () => {
          const count = await session.messageCount(WORK);
          expect(count).toBe(0);
          return count;
        });
        throw new Error('it fails');
      },
    });
    await consumer.started;
    await publisher.publish(messageTo(WORK, 'm1'));
    await publisher.publish(messageTo(WORK, 'm2'));
    await eventually(() => expect(calls).toBe(2));
    await delay(500);
    await consumer.close();
    expect([calls, left, await session.messageCount(WORK)]).toEqual([2, 0, 0]);
  });
});

describe('closing a consumer', () => {
  it('finishes and acks what is in flight and gives the rest back at once', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const held = heldHandler();
    const consumer = amqp.consumer(session, { prefetch: 20, concurrency: 3, handle: held.handle });
    await consumer.started;
    await Promise.all(Array.from({ length: 30 }, (_, id) => publisher.publish(messageTo(WORK, `m${id}`))));
    await eventually(() => expect(held.begun).toHaveLength(3));
    const closed = consumer.close();
    // What was not begun is ready for others although the handlers still run.
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(27));
    expect(consumer.inFlight).toBe(3);
    held.release();
    await closed;
    const rest = await amqp.drain(WORK, (taken) => taken.length === 27);
    const all = [...held.begun, ...rest].map(({ messageId }) => messageId);
    expect(new Set(all).size).toBe(30);
    expect(await session.messageCount(WORK)).toBe(0);
  });

  it('does not wait longer than its bound for a handler that hangs, whose message comes again', async () => {
    const session = amqp.session();
    const held = heldHandler();
    const consumer = amqp.consumer(session, { handle: held.handle });
    await amqp.publisher(session).publish(messageTo(WORK, 'm1'));
    await eventually(() => expect(held.begun).toHaveLength(1));
    await consumer.close(50);
    held.release();
    const [again] = await amqp.drain(WORK, (taken) => taken.length === 1);
    expect(again).toMatchObject({ messageId: 'm1', redelivered: true });
  });

  it('cuts the wait of failed messages short', async () => {
    const session = amqp.session();
    let calls = 0;
    const consumer = amqp.consumer(session, {
      handle: () => {
        calls += 1;
        return Promise.resolve({ outcome: 'redeliver', afterMs: 60_000 });
      },
    });
    await amqp.publisher(session).publish(messageTo(WORK, 'm1'));
    await eventually(() => expect(calls).toBe(1));
    await consumer.close();
    // A quorum queue takes what was given back to it a moment later.
    await eventually(async () => expect(await session.messageCount(WORK)).toBe(1));
  });

  it('is possible before there ever was a connection', async () => {
    const session = amqp.session({ url: 'amqp://127.0.0.1:1' });
    const consumer = amqp.consumer(session, { handle: () => Promise.resolve(DONE) });
    await consumer.close();
    await expect(consumer.started).rejects.toThrow('closed before');
  });
});

describe('an instance queue', () => {
  const topology = topologyWith({ exchanges: [{ name: 'invalidate', type: 'fanout' }] });
  const fanout = { ...messageTo('', 'm1'), exchange: 'invalidate', mandatory: true };

  it('is made for each connection anew, and the consumer is told', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url), topology });
    const publisher = amqp.publisher(amqp.session({ topology }));
    const names: (string | undefined)[] = [];
    let received = 0;
    let count = 0;
    const consumer = amqp.consumer(session, {
      queue: { name: () => `invalidate.${(count += 1)}`, bindings: [{ exchange: 'invalidate', routingKey: '' }] },
      onSubscribed: () => names.push(consumer.queue),
      handle: () => {
        received += 1;
        return Promise.resolve(DONE);
      },
    });
    await consumer.started;
    await publisher.publish(fanout);
    await eventually(() => expect(received).toBe(1));
    proxy.cut();
    await eventually(() => expect(names).toEqual(['invalidate.1', 'invalidate.2']));
    await publisher.publish(fanout);
    await eventually(() => expect(received).toBe(2));
    expect(await session.messageCount('invalidate.1')).toBeUndefined();
  });

  it('can be named by the broker or by a function alone', async () => {
    const session = amqp.session({ topology });
    const named = amqp.consumer(session, { queue: () => 'replies.7', handle: () => Promise.resolve(DONE) });
    const unnamed = amqp.consumer(session, { queue: {}, handle: () => Promise.resolve(DONE) });
    await Promise.all([named.started, unnamed.started]);
    expect(named.queue).toBe('replies.7');
    expect(unnamed.queue).toMatch(/^amq\.gen-/);
  });
});
