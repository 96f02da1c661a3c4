import { once } from 'node:events';
import { createServer, Socket, type AddressInfo } from 'node:net';

import { eventually } from '@millrace/testing';
import { connect } from 'amqplib';
import { describe, expect, it, vi } from 'vitest';

import {
  endOf,
  messageTo,
  silent,
  stayingQueue,
  topologyWith,
  useAmqp,
  WORK,
  workQueue,
  workTopology,
} from './amqp.fixture.js';
import { openSession, openSessions, TopologyError } from './index.js';

const amqp = useAmqp();

describe('a session', () => {
  it('is returned at once and connects in the background, without the delay of small packets', async () => {
    const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const session = amqp.session();
    expect(session.state).toBe('connecting');
    await session.ready(10_000);
    expect(session.state).toBe('up');
    expect(noDelay.mock.calls).toContainEqual([true]);
    noDelay.mockRestore();
  });

  it('is rejected as not ready within the bound, with the cause and without the password', async () => {
    const session = amqp.session({ url: 'amqp://user:hunter2@127.0.0.1:1/v' });
    const failure = await session.ready(200).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).not.toContain('hunter2');
    expect(String(failure)).toContain('check that it runs');
    expect((failure as Error).cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('refuses a URL that is none of a broker without showing it', () => {
    expect(() => amqp.session({ url: 'http://user:hunter2@host' })).toThrow(
      /^The URL of the broker must start with amqp/,
    );
  });

  it('comes back after its connection was cut and tells its states', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    const states: string[] = [];
    session.onState((state) => states.push(state));
    await session.ready();
    proxy.cut();
    await eventually(() => expect(states).toEqual(['up', 'connecting', 'up']));
    await session.close();
    expect(states).toEqual(['up', 'connecting', 'up', 'closed']);
    await expect(session.ready()).rejects.toThrow('is closed');
  });

  it('gives up a handshake that the other side does not finish, and can be closed meanwhile', async () => {
    let attempts = 0;
    const mute = createServer((socket) => {
      attempts += 1;
      socket.on('error', () => undefined).resume();
    }).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const session = amqp.session({ url: `amqp://127.0.0.1:${port}`, connectTimeoutMs: 100 });
    await eventually(() => expect(attempts).toBeGreaterThan(2));
    await session.close();
    expect(session.state).toBe('closed');
    mute.close();
    // Closes only once every socket is: none is left behind.
    await once(mute, 'close');
  });

  it('is shown in the broker under its name, one for publishing and one for consuming', async () => {
    const options = { url: amqp.url, name: 'orchestrator', topology: workTopology(), logger: silent };
    const sessions = amqp.closing(openSessions(options));
    await sessions.ready(10_000);
    expect(sessions.publishing.name).toBe('orchestrator:publishing');
    expect(sessions.consuming.name).toBe('orchestrator:consuming');
    await eventually(async () => {
      const shown = await amqp.vhost.management.connections(amqp.vhost.name);
      const names = new Set(shown.map((connection) => connection.user_provided_name));
      expect(names).toEqual(new Set(['orchestrator:consuming', 'orchestrator:publishing']));
    });
  });

  it('is not up while the broker refuses its topology, and says what to do', async () => {
    await amqp.session().ready();
    const other = topologyWith({ queues: [workQueue(WORK, 3)] });
    const session = amqp.session({ topology: other });
    const failure = (await session.ready(500).catch((error: unknown) => error)) as Error;
    expect(failure.cause).toBeInstanceOf(TopologyError);
    expect(String(failure.cause)).toContain(`queue "${WORK}": it exists with other arguments`);
  });

  it('can be closed while the broker leaves its declarations without an answer', async () => {
    const proxy = await amqp.proxy();
    const queues = Array.from({ length: 200 }, (_, index) => stayingQueue(`many.${index}`));
    const session = amqp.session({ url: proxy.through(amqp.url), topology: topologyWith({ queues }) });
    const direct = amqp.session();
    await eventually(async () => expect(await direct.messageCount('many.3')).toBe(0));
    proxy.stall();
    expect(session.state).toBe('connecting');
    await session.close();
    expect(session.state).toBe('closed');
  });

  it('keeps nothing running after close', async () => {
    const session = openSession({ url: amqp.url, name: 'spec', topology: workTopology(), logger: silent });
    await session.close();
    await session.close();
    expect(session.state).toBe('closed');
  });
});

describe('declare', () => {
  const steps = topologyWith({
    exchanges: [{ name: 'events', type: 'topic' }],
    queues: [workQueue('steps.petstore'), stayingQueue('parked')],
    bindings: [{ queue: 'steps.petstore', exchange: 'events', routingKey: 'Flow.*' }],
  });

  it('waits for the connection and makes what it names usable', async () => {
    const session = amqp.session();
    await session.declare(steps);
    await amqp.publisher(session).publish({ ...messageTo('Flow.Started', 'm1'), exchange: 'events' });
    expect(await session.messageCount('steps.petstore')).toBe(1);
  });

  it('asks the broker only once for the same, also when it is described by another object', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    await session.declare(steps);
    proxy.stall();
    await session.declare(steps);
    await session.declare({ ...steps, bindings: [...steps.bindings] });
    proxy.restore();
    expect(session.state).toBe('up');
  });

  it('makes a queue again that somebody has deleted, when it is told to redeclare', async () => {
    const session = amqp.session();
    const publisher = amqp.publisher(session);
    await session.declare(steps);
    const other = await connect(amqp.url);
    await (await other.createChannel()).deleteQueue('steps.petstore');
    await other.close();
    const message = messageTo('steps.petstore', 'm1', { mandatory: true });
    await session.declare(steps);
    expect(await endOf(publisher.publish(message))).toBe('returned');
    await Promise.all([session.redeclare(steps), session.redeclare({ ...steps })]);
    await publisher.publish(message);
    expect(await session.messageCount('steps.petstore')).toBe(1);
  });

  it('rejects what the broker refuses, does not keep it and leaves the session up', async () => {
    const proxy = await amqp.proxy();
    const session = amqp.session({ url: proxy.through(amqp.url) });
    const other = topologyWith({ queues: [workQueue(WORK, 3)] });
    await expect(session.declare(other)).rejects.toThrow(TopologyError);
    const states: string[] = [];
    session.onState((state) => states.push(state));
    proxy.cut();
    await eventually(() => expect(states).toEqual(['connecting', 'up']));
  });

  it('is ended by close', async () => {
    const session = amqp.session({ url: 'amqp://127.0.0.1:1' });
    const declared = session.declare(steps);
    await session.close();
    await expect(declared).rejects.toThrow('is closed');
  });
});

describe('messageCount', () => {
  it('is undefined for a queue that does not exist and leaves the session up', async () => {
    const session = amqp.session();
    expect(await session.messageCount('nowhere')).toBeUndefined();
    expect(await session.messageCount(WORK)).toBe(0);
  });
});

describe('consumerCount', () => {
  it('is the number of consumers there are at that moment, undefined for a queue that does not exist', async () => {
    const session = amqp.session();
    expect(await session.consumerCount('nowhere')).toBeUndefined();
    expect(await session.consumerCount(WORK)).toBe(0);
    const consumer = amqp.consumer(session, { queue: WORK, handle: () => Promise.resolve({ outcome: 'done' }) });
    await consumer.started;
    expect(await session.consumerCount(WORK)).toBe(1);
    await consumer.close();
    expect(await session.consumerCount(WORK)).toBe(0);
  });
});
