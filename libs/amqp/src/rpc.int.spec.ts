import { setTimeout as delay } from 'node:timers/promises';

import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { endOf, silent, topologyWith, useAmqp } from './amqp.fixture.js';
import { createRpcClient, DONE, sendReply, type AmqpSession, type Delivery, type RpcClient } from './index.js';

const amqp = useAmqp();
const QUESTIONS = 'rpc.petstore';
const topology = topologyWith({ queues: [{ name: QUESTIONS, type: 'classic', durable: true }] });

function rpcClient(session: AmqpSession): RpcClient {
  const publisher = amqp.publisher(amqp.session({ topology }));
  return amqp.closing(createRpcClient(session, { name: 'replies.spec', publisher, logger: silent }));
}

async function server(answer: (question: Delivery) => Promise<Buffer>): Promise<void> {
  const publisher = amqp.publisher(amqp.session({ topology }));
  const consumer = amqp.consumer(amqp.session({ topology }), {
    queue: QUESTIONS,
    handle: async (question) => {
      await sendReply(publisher, question, await answer(question));
      return DONE;
    },
  });
  await consumer.started;
}

describe('an RPC client', () => {
  it('gets to each question its own answer', async () => {
    await server(async ({ body }) => {
      await delay(Math.random() * 30);
      return Buffer.from(`answer to ${body.toString()}`);
    });
    const client = rpcClient(amqp.session({ topology }));
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, id) => client.call(QUESTIONS, Buffer.from(`q${id}`), { timeoutMs: 5_000 })),
    );
    expect(answers.map(String)).toEqual(Array.from({ length: 40 }, (_, id) => `answer to q${id}`));
  });

  it('passes headers and content type on', async () => {
    const seen: Delivery[] = [];
    await server((question) => {
      seen.push(question);
      return Promise.resolve(Buffer.from(''));
    });
    const client = rpcClient(amqp.session({ topology }));
    const options = { timeoutMs: 5_000, contentType: 'application/json', headers: { call: 'verify' } };
    await client.call(QUESTIONS, Buffer.from('{}'), options);
    expect(seen[0]).toMatchObject({ contentType: 'application/json', headers: { call: 'verify' } });
  });

  it('is rejected as unroutable when there is no such queue', async () => {
    const client = rpcClient(amqp.session({ topology }));
    expect(await endOf(client.call('rpc.nobody', Buffer.from(''), { timeoutMs: 5_000 }))).toBe('unroutable');
  });

  it('is rejected as timeout when nobody answers, and the question is gone by then', async () => {
    const session = amqp.session({ topology });
    const client = rpcClient(session);
    expect(await endOf(client.call(QUESTIONS, Buffer.from(''), { timeoutMs: 200 }))).toBe('timeout');
    await eventually(async () => expect(await session.messageCount(QUESTIONS)).toBe(0));
  });

  it('is rejected when the connection for the answer is lost, and works again afterwards', async () => {
    let questions = 0;
    await server(async () => {
      questions += 1;
      await delay(questions === 1 ? 500 : 0);
      return Buffer.from('late');
    });
    const proxy = await amqp.proxy();
    const client = rpcClient(amqp.session({ topology, url: proxy.through(amqp.url) }));
    const lost = endOf(client.call(QUESTIONS, Buffer.from(''), { timeoutMs: 20_000 }));
    await eventually(() => expect(questions).toBe(1));
    proxy.cut();
    expect(await lost).toBe('connectionLost');
    expect(String(await client.call(QUESTIONS, Buffer.from(''), { timeoutMs: 5_000 }))).toBe('late');
  });

  it('is rejected as closed on close, also while there is no connection yet', async () => {
    const client = rpcClient(amqp.session({ url: 'amqp://127.0.0.1:1' }));
    const waiting = endOf(client.call(QUESTIONS, Buffer.from(''), { timeoutMs: 20_000 }));
    await client.close();
    expect(await waiting).toBe('closed');
    expect(await endOf(client.call(QUESTIONS, Buffer.from(''), { timeoutMs: 20_000 }))).toBe('closed');
  });
});

describe('an answer that nobody waits for', () => {
  it('is dropped without failure', async () => {
    const publisher = amqp.publisher(amqp.session({ topology }));
    const orphan = { replyTo: 'replies.gone', correlationId: 'c1' };
    expect(await endOf(sendReply(publisher, orphan, Buffer.from('x')))).toBe('ok');
    expect(await endOf(sendReply(publisher, { replyTo: undefined, correlationId: undefined }, Buffer.from('x')))).toBe(
      'ok',
    );
  });
});
