import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { endOf, messageTo, topologyWith, useAmqp, WORK, workTopology } from './amqp.fixture.js';

const amqp = useAmqp();

describe('a publish', () => {
  it('is resolved when the message is in the queue, with all its properties', async () => {
    const session = amqp.session();
    await amqp.publisher(session).publish(
      messageTo(WORK, 'm1', {
        body: Buffer.from([0, 255, 7]),
        headers: { flowId: 'f1', attempt: 2, last: true },
        contentType: 'application/json',
        correlationId: 'c1',
        replyTo: 'replies.1',
        type: 'trigger',
        expirationMs: 600_000,
      }),
    );
    expect(await session.messageCount(WORK)).toBe(1);
    const [delivery] = await amqp.drain(WORK, (taken) => taken.length === 1);
    expect(delivery).toMatchObject({
      body: Buffer.from([0, 255, 7]),
      messageId: 'm1',
      headers: { flowId: 'f1', attempt: 2, last: true },
      contentType: 'application/json',
      correlationId: 'c1',
      replyTo: 'replies.1',
      type: 'trigger',
      queue: WORK,
      redelivered: false,
      deliveryCount: 0,
    });
  });

  it('to a queue that does not exist is rejected as returned, while those around it are stored', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const ids = Array.from({ length: 300 }, (_, index) => index);
    const ends = await Promise.all(
      // The same id twice in a row: the return belongs to the one with the address that no queue has.
      ids.map((id) => endOf(publisher.publish(messageTo(id % 3 === 0 ? 'nowhere' : WORK, `m${Math.floor(id / 2)}`)))),
    );
    expect(ends).toEqual(ids.map((id) => (id % 3 === 0 ? 'returned' : 'ok')));
    expect(await session.messageCount(WORK)).toBe(200);
  });

  it('that is not mandatory is resolved although no queue takes it', async () => {
    const publisher = amqp.publisher(amqp.session());
    expect(await endOf(publisher.publish(messageTo('nowhere', 'm1', { mandatory: false })))).toBe('ok');
  });

  it('to an exchange that is not declared is rejected without harm to the channel', async () => {
    const publisher = amqp.publisher(amqp.session());
    const [undeclared, good] = await Promise.all([
      endOf(publisher.publish({ ...messageTo('key', 'm1'), exchange: 'unknown' })),
      endOf(publisher.publish(messageTo(WORK, 'm2'))),
    ]);
    expect([undeclared, good]).toEqual(['returned', 'ok']);
  });

  it('is rejected as refused when the broker does not take the message', async () => {
    const full = { 'x-max-length': 1, 'x-overflow': 'reject-publish' };
    const topology = topologyWith({ queues: [{ name: 'small', type: 'classic', durable: true, arguments: full }] });
    const publisher = amqp.publisher(amqp.session({ topology }));
    const ends = [];
    for (const id of ['m1', 'm2', 'm3']) ends.push(await endOf(publisher.publish(messageTo('small', id))));
    expect(ends).toEqual(['ok', 'refused', 'refused']);
  });

  it('of a body or headers over the limit is rejected as too large and leaves the channel alone', async () => {
    const publisher = amqp.publisher(amqp.session(), { maxMessageBytes: 1_000 });
    const ends = await Promise.all([
      endOf(publisher.publish(messageTo(WORK, 'm1', { body: Buffer.alloc(1_001) }))),
      endOf(publisher.publish(messageTo(WORK, 'm2', { headers: { path: 'x'.repeat(70_000) } }))),
      endOf(publisher.publish(messageTo(WORK, 'm3', { contentType: 'x'.repeat(300) }))),
      endOf(publisher.publish(messageTo(WORK, 'm4', { body: Buffer.alloc(1_000) }))),
    ]);
    expect(ends).toEqual(['tooLarge', 'tooLarge', 'tooLarge', 'ok']);
    await eventually(() => expect(publisher.inFlight).toBe(0));
  });

  it('is rejected as closed after close, which waits for what is in flight', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    const inFlight = Array.from({ length: 50 }, (_, id) => endOf(publisher.publish(messageTo(WORK, `m${id}`))));
    await publisher.close();
    expect(new Set(await Promise.all(inFlight))).toEqual(new Set(['ok']));
    expect(await endOf(publisher.publish(messageTo(WORK, 'late')))).toBe('closed');
  });
});

describe('a publish without an answer', () => {
  it('is rejected as timeout when the confirm stays out, and holds its place in the bounds until it comes', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    const publisher = amqp.publisher(session, { maxInFlight: 3 });
    await publisher.publish(messageTo(WORK, 'm0'));
    proxy.stall();
    const stuck = ['m1', 'm2', 'm3'].map((id) => endOf(publisher.publish(messageTo(WORK, id), { timeoutMs: 100 })));
    expect(await endOf(publisher.publish(messageTo(WORK, 'm4')))).toBe('overloaded');
    expect(await Promise.all(stuck)).toEqual(['timeout', 'timeout', 'timeout']);
    expect(publisher.inFlight).toBe(0);
    expect(await endOf(publisher.publish(messageTo(WORK, 'm5')))).toBe('overloaded');
    proxy.restore();
    await eventually(async () => expect(await endOf(publisher.publish(messageTo(WORK, 'm6')))).toBe('ok'));
    expect(await session.messageCount(WORK)).toBe(5);
  });

  it('counts bytes, too', async () => {
    const proxy = await amqp.proxy();
    const bounds = { maxInFlightBytes: 2_500, maxMessageBytes: 2_000 };
    const publisher = amqp.publisher(amqp.session({ url: proxy.through(amqp.url) }), bounds);
    await publisher.publish(messageTo(WORK, 'm0'));
    proxy.stall();
    const first = endOf(publisher.publish(messageTo(WORK, 'm1', { body: Buffer.alloc(2_000) }), { timeoutMs: 300 }));
    expect(await endOf(publisher.publish(messageTo(WORK, 'm2', { body: Buffer.alloc(1_000) })))).toBe('overloaded');
    const small = endOf(publisher.publish(messageTo(WORK, 'm3', { body: Buffer.alloc(100) }), { timeoutMs: 300 }));
    expect(await Promise.all([first, small])).toEqual(['timeout', 'timeout']);
    proxy.restore();
  });

  it('waits for a connection within its bound and is rejected as unavailable after it', async () => {
    const proxy = await amqp.proxy();
    proxy.refuse();
    const publisher = amqp.publisher(amqp.session({ url: proxy.through(amqp.url) }));
    expect(publisher.available).toBe(false);
    expect(await endOf(publisher.publish(messageTo(WORK, 'm1'), { timeoutMs: 100 }))).toBe('unavailable');
    const patient = endOf(publisher.publish(messageTo(WORK, 'm2'), { timeoutMs: 10_000 }));
    proxy.restore();
    expect(await patient).toBe('ok');
    expect(publisher.available).toBe(true);
  });
});

describe('a publisher', () => {
  it('settles every publish when the connection is cut, and what it resolved is in the queue', async () => {
    const proxy = await amqp.proxy();
    const publisher = amqp.publisher(amqp.session({ url: proxy.through(amqp.url) }));
    const ends = new Map<string, string>();
    let next = 0;
    const sender = async (): Promise<void> => {
      while (next < 6_000) {
        const id = `m${(next += 1)}`;
        if (next % 1_000 === 0) proxy.cut();
        ends.set(id, await endOf(publisher.publish(messageTo(WORK, id))));
      }
    };
    await Promise.all(Array.from({ length: 200 }, sender));
    const stored = [...ends].filter(([, end]) => end === 'ok').map(([id]) => id);
    const failures = new Set([...ends.values()].filter((end) => end !== 'ok'));
    expect(ends.size).toBe(6_000);
    expect(failures).toEqual(new Set(['connectionLost']));
    const missing = new Set(stored);
    await amqp.drain(WORK, (taken) => {
      const last = taken.at(-1);
      if (last) missing.delete(last.messageId ?? '');
      return missing.size === 0;
    });
    expect(missing.size).toBe(0);
    expect(publisher.inFlight).toBe(0);
  });

  it('opens its channel again when only that was closed, and declares what was deleted', async () => {
    const topology = {
      ...workTopology(),
      exchanges: [{ name: 'events', type: 'topic' as const }],
      bindings: [{ queue: WORK, exchange: 'events', routingKey: '#' }],
    };
    const session = amqp.session({ topology });
    const states: string[] = [];
    const publisher = amqp.publisher(session);
    await publisher.publish(messageTo(WORK, 'm0'));
    session.onState((state) => states.push(state));
    await deleteExchange('events');
    // The broker closes the channel for the first one, and with it fails what else is in flight.
    const ends = await Promise.all([
      endOf(publisher.publish({ ...messageTo('Flow.Started', 'm1'), exchange: 'events' })),
      endOf(publisher.publish(messageTo(WORK, 'm2'))),
    ]);
    expect(ends).toEqual(['connectionLost', 'connectionLost']);
    expect(await endOf(publisher.publish({ ...messageTo('Flow.Started', 'm3'), exchange: 'events' }))).toBe('ok');
    expect(states).toEqual([]);
  });
});

/** Behind the publisher's back, over a connection of its own. */
async function deleteExchange(name: string): Promise<void> {
  const { connect } = await import('amqplib');
  const model = await connect(amqp.url);
  const channel = await model.createChannel();
  await channel.deleteExchange(name);
  await model.close();
}
