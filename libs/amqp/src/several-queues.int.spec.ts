import { setTimeout as delay } from 'node:timers/promises';

import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { messageTo, PARKED, stayingQueue, topologyWith, useAmqp, WORK, workQueue } from './amqp.fixture.js';
import { acknowledgeNow, DONE, type Delivery, type Turn } from './index.js';

const amqp = useAmqp();
/** Suspects are those whose id says so. */
const turn = ({ messageId = '' }: Delivery): Turn => (messageId.startsWith('suspect') ? 'alone' : 'shared');

describe('a consumer of several queues', () => {
  it('handles what is in all of them, and one alone in one of them is alone among all', async () => {
    const topology = topologyWith({ queues: [workQueue(WORK), workQueue('aside'), stayingQueue(PARKED)] });
    const session = amqp.session({ topology });
    const publisher = amqp.publisher(session);
    for (const id of ['m1', 'm2']) await publisher.publish(messageTo(WORK, id));
    for (const id of ['suspect', 'a1']) await publisher.publish(messageTo('aside', id));
    let running = 0;
    let besideSuspect = 0;
    const handled: string[] = [];
    amqp.consumer(session, {
      prefetch: 10,
      alsoFrom: [{ queue: 'aside', prefetch: 10 }],
      turn,
      handle: async ({ messageId = '' }) => {
        running += 1;
        await delay(20);
        if (messageId === 'suspect') besideSuspect = running - 1;
        running -= 1;
        handled.push(messageId);
        return DONE;
      },
    });
    await eventually(() => expect(handled.toSorted()).toEqual(['a1', 'm1', 'm2', 'suspect']));
    expect(besideSuspect).toBe(0);
    await eventually(async () => {
      expect((await session.messageCount(WORK)) ?? 0).toBe(0);
      expect((await session.messageCount('aside')) ?? 0).toBe(0);
    });
  });

  it('acks a delivery at once where it is told to, and not a second time', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    await publisher.publish(messageTo(WORK, 'm1'));
    const acked: boolean[] = [];
    const consumer = amqp.consumer(session, {
      prefetch: 1,
      turn: () => 'shared',
      handle: (delivery) => {
        acked.push(acknowledgeNow(delivery), acknowledgeNow(delivery));
        return new Promise(() => undefined);
      },
    });
    await eventually(() => expect(acked).toEqual([true, false]));
    await consumer.close(50);
    expect(await session.messageCount(WORK)).toBe(0);
  });
});
