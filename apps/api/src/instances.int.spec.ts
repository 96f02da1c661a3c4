import { createParker, createPublisher, openSessions } from '@millrace/amqp';
import { coreTopology, type Invalidation } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { hearInvalidations } from '@millrace/platform';
import { cuttingProxy, eventually, useVhost, type CuttingProxy } from '@millrace/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { openInstances, type Instances } from './instances.js';

const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

function sessionsOf(name: string, url = vhost.amqpUrl): ReturnType<typeof openSessions> {
  const sessions = openSessions({ url, name, topology: coreTopology, logger });
  undo.push(() => sessions.close());
  return sessions;
}

async function proxied(): Promise<CuttingProxy> {
  const proxy = await cuttingProxy(vhost.amqpUrl);
  undo.push(() => proxy.close());
  return proxy;
}

/** A service that keeps copies; `forgotten` are the flows that it has let go of, `all` when everything went. */
function listener(proxy?: CuttingProxy): { forgotten: string[]; vanish(): Promise<void> } {
  const sessions = sessionsOf('listener', proxy?.through(vhost.amqpUrl));
  const publisher = createPublisher(sessions.publishing, { logger });
  undo.push(() => publisher.close());
  const forgotten: string[] = [];
  const cache = {
    forget: ({ flowIds }: Invalidation) => void forgotten.push(...flowIds),
    forgetAll: () => void forgotten.push('all'),
  };
  const heard = hearInvalidations(sessions.consuming, { cache, publisher, logger, park: createParker(publisher) });
  undo.push(() => heard.close());
  return { forgotten, vanish: () => sessions.close() };
}

function teller(proxy?: CuttingProxy, expiredAfterMs = 10_000): Instances {
  const sessions = sessionsOf('teller', proxy?.through(vhost.amqpUrl));
  const publisher = createPublisher(sessions.publishing, { logger });
  const asking = { heardWithinMs: 300, askEveryMs: 100, expiredAfterMs };
  const instances = openInstances(sessions.consuming, { publisher, logger, ...asking });
  undo.push(
    () => publisher.close(),
    () => instances.close(),
  );
  return instances;
}

const flow = (id: string): Invalidation => ({ flowIds: [id], credentialIds: [] });

async function msOf(work: Promise<void>): Promise<number> {
  const before = performance.now();
  await work;
  return performance.now() - before;
}

describe('telling every instance of a change', () => {
  it('ends only when all of them have forgotten, whoever was there first', async () => {
    const early = [listener(), listener()];
    const instances = teller();
    await eventually(async () => expect(instances.known).toBe(2));
    const late = listener();
    await eventually(async () => expect(instances.known).toBe(3));
    for (let change = 0; change < 200; change += 1) {
      await instances.tell(flow(`flow ${change}`));
      for (const { forgotten } of [...early, late]) expect(forgotten.at(-1)).toBe(`flow ${change}`);
    }
  });

  it('does not wait again for one that is gone', async () => {
    const stays = listener();
    const goes = listener();
    const instances = teller();
    await eventually(async () => expect(instances.known).toBe(2));
    await goes.vanish();
    await instances.tell(flow('a'));
    expect(stays.forgotten).toContain('a');
    await eventually(async () => expect(instances.known).toBe(1));
    const before = performance.now();
    await instances.tell(flow('b'));
    expect(performance.now() - before).toBeLessThan(250);
  });

  it('ends at once where nobody listens', async () => {
    const instances = teller();
    await instances.tell(flow('a'));
    expect(instances.known).toBe(0);
  });

  it('waits for one that answers late', async () => {
    const proxy = await proxied();
    const late = listener(proxy);
    const instances = teller();
    await eventually(async () => expect(instances.known).toBe(1));
    for (const change of ['a', 'b']) {
      proxy.stall();
      const restored = setTimeout(() => proxy.restore(), 1_500);
      await instances.tell(flow(change));
      clearTimeout(restored);
      expect(late.forgotten.at(-1)).toBe(change);
    }
  });

  it('waits until copies have expired for one that hangs, each time', async () => {
    const proxy = await proxied();
    listener(proxy);
    const instances = teller(undefined, 1_500);
    await eventually(async () => expect(instances.known).toBe(1));
    proxy.stall();
    expect(await msOf(instances.tell(flow('a')))).toBeGreaterThan(1_400);
    expect(await msOf(instances.tell(flow('b')))).toBeGreaterThan(1_400);
    expect(instances.known).toBe(1);
    proxy.cut();
  });

  it('ends within a second when one was killed, even the first time', async () => {
    const proxy = await proxied();
    const stays = listener();
    listener(proxy);
    const instances = teller();
    await eventually(async () => expect(instances.known).toBe(2));
    proxy.refuse();
    proxy.cut();
    expect(await msOf(instances.tell(flow('a')))).toBeLessThan(1_000);
    expect(await msOf(instances.tell(flow('b')))).toBeLessThan(1_000);
    expect(stays.forgotten.at(-1)).toBe('b');
    expect(instances.known).toBe(1);
  });

  it('waits without a broker until copies have expired', async () => {
    const proxy = await proxied();
    listener();
    const instances = teller(proxy, 1_500);
    await eventually(async () => expect(instances.known).toBe(1));
    proxy.refuse();
    proxy.cut();
    expect(await msOf(instances.tell(flow('a')))).toBeGreaterThan(1_400);
  });

  it('waits without a broker until that is back and all have forgotten', async () => {
    const proxy = await proxied();
    const there = listener();
    const instances = teller(proxy);
    await eventually(async () => expect(instances.known).toBe(1));
    proxy.refuse();
    proxy.cut();
    const told = msOf(instances.tell(flow('a')));
    setTimeout(() => proxy.restore(), 200);
    expect(await told).toBeLessThan(5_000);
    expect(there.forgotten.at(-1)).toBe('a');
  });

  it('asks who is there before it relies on that', async () => {
    const there = listener();
    await eventually(async () => expect(there.forgotten.length).toBeGreaterThan(0));
    for (let start = 0; start < 5; start += 1) {
      const instances = teller();
      await instances.tell(flow(`start ${start}`));
      expect(there.forgotten.at(-1)).toBe(`start ${start}`);
    }
  });
});

describe('an instance without a connection', () => {
  it('forgets everything all the time, for nobody can reach it', async () => {
    const proxy = await proxied();
    const cut = listener(proxy);
    const instances = teller();
    await eventually(async () => expect(instances.known).toBe(1));
    cut.forgotten.splice(0);
    await instances.tell(flow('a'));
    expect(cut.forgotten).toEqual(['a']);
    proxy.refuse();
    proxy.cut();
    await eventually(async () => expect(cut.forgotten.filter((one) => one === 'all').length).toBeGreaterThan(4), {
      timeoutMs: 1_000,
    });
  });
});
