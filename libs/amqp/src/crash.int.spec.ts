/*
 * Kills a process with SIGKILL between each two durable acts: a message is consumed, its follow-up is published and confirmed
 * (or it is parked), and it is acked. Whatever the point, afterwards each message has its follow-up at least once and
 * nothing is left over.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { endOf, messageTo, PARKED, parkerOn, stayingQueue, topologyWith, useAmqp, workQueue } from './amqp.fixture.js';
import { DONE, type Delivery, type Publisher } from './index.js';

const amqp = useAmqp();
const CHILD = fileURLToPath(new URL('crash-child.fixture.mjs', import.meta.url));

/** Consume one, publish its follow-up, ack. */
const CRASH_POINTS = ['consumed', 'followUpSent', 'followUpConfirmed', 'returned', 'acked'] as const;
/** Consume one, park it, ack. */
const PARK_CRASH_POINTS = ['beforeParked', 'parkSent', 'parkConfirmed'] as const;
/** Consume a batch, publish its follow-ups, ack with one frame. */
const BATCH_CRASH_POINTS = ['batchTaken', 'halfConfirmed', 'allConfirmed', 'batchReturned', 'batchAcked'] as const;

const topology = topologyWith({
  queues: [stayingQueue(PARKED), workQueue('in'), workQueue('out')],
});
const MESSAGES = Array.from({ length: 40 }, (_, id) => `m${id}`);

type Mode = 'single' | 'park' | 'batch' | 'publish';

/** Runs the child until it has killed itself. */
async function crash(mode: Mode, crashAt: string, crashOnCall: number): Promise<void> {
  const order = JSON.stringify({ url: amqp.url, mode, crashAt, crashOnCall });
  const child = spawn(process.execPath, [CHILD, order], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

async function publishAll(publisher: Publisher): Promise<void> {
  await Promise.all(MESSAGES.map((id) => publisher.publish(messageTo('in', id))));
}

/** What a healthy process does with what the killed one left. */
async function finish(publisher: Publisher, outcome: 'followUp' | 'park'): Promise<Delivery[]> {
  const session = amqp.session({ topology });
  const again: Delivery[] = [];
  amqp.consumer(session, {
    queue: 'in',
    park: parkerOn(publisher),
    handle: async (delivery) => {
      again.push(delivery);
      if (outcome === 'park') return { outcome: 'park', reason: 'cannot be read' };
      await publisher.publish(messageTo('out', delivery.messageId ?? ''));
      return DONE;
    },
  });
  await eventually(async () => expect(await session.messageCount('in')).toBe(0));
  return again;
}

/** Takes what is in the queue until each message was there at least once. */
async function expectEachIn(queue: string): Promise<void> {
  const missing = new Set(MESSAGES);
  await amqp.drain(queue, (taken) => {
    const last = taken.at(-1);
    if (last) missing.delete(last.messageId ?? '');
    return missing.size === 0;
  });
  expect(missing.size).toBe(0);
}

describe('a consumer that is killed', () => {
  it.each(CRASH_POINTS)('at the point "%s" leaves no message without its follow-up', async (crashAt) => {
    const publisher = amqp.publisher(amqp.session({ topology }));
    await publishAll(publisher);
    await crash('single', crashAt, 10);
    const again = await finish(publisher, 'followUp');
    await expectEachIn('out');
    // The killed one held an unacked message, except after its ack.
    await eventually(() => expect(crashAt === 'acked' || again.some(({ redelivered }) => redelivered)).toBe(true));
  });

  it.each(PARK_CRASH_POINTS)('at the point "%s" leaves no message that is not parked', async (crashAt) => {
    const publisher = amqp.publisher(amqp.session({ topology }));
    await publishAll(publisher);
    await crash('park', crashAt, 10);
    await finish(publisher, 'park');
    await expectEachIn(PARKED);
  });
});

describe('a batch consumer that is killed', () => {
  it.each(BATCH_CRASH_POINTS)('at the point "%s" leaves no message without its follow-up', async (crashAt) => {
    const publisher = amqp.publisher(amqp.session({ topology }));
    await publishAll(publisher);
    await crash('batch', crashAt, 3);
    await finish(publisher, 'followUp');
    await expectEachIn('out');
  });
});

describe('a publisher that is killed', () => {
  it('leaves in the queue whatever it had seen confirmed', async () => {
    const session = amqp.session({ topology });
    await session.ready();
    const order = JSON.stringify({ url: amqp.url, mode: 'publish' satisfies Mode });
    const child = spawn(process.execPath, [CHILD, order], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > 5_000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const confirmed = new Set(output.split('\n').slice(0, -1));
    expect(confirmed.size).toBeGreaterThan(500);
    const missing = new Set(confirmed);
    await amqp.drain('in', (taken) => {
      const last = taken.at(-1);
      if (last) missing.delete(last.messageId ?? '');
      return missing.size === 0;
    });
    expect(await endOf(session.messageCount('in'))).toBe('ok');
  });
});
