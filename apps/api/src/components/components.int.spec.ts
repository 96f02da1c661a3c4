import { createPublisher, openSessions, parkedReason, consume, createParker, type Delivery } from '@millrace/amqp';
import { coreTopology, encodeDescriptor, queues, stepQueue } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  petstoreDescriptor,
  silent,
  startComponent,
  useApi,
  type TestComponent,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
let petstore: TestComponent;

beforeAll(async () => {
  user = await test.signedIn();
  petstore = await startComponent(test, petstoreDescriptor);
});
afterAll(() => petstore.close());

describe('the catalogue', () => {
  it('shows what a component has announced of itself', async () => {
    const { body } = await test.as(user).get('/v1/components/petstore').expect(200);
    expect(body).toEqual({ ...petstoreDescriptor, status: 'away', lastSeenAt: expect.any(String) as string });
    const list = await test.as(user).get('/v1/components').expect(200);
    expect(list.body).toEqual({ items: [body], nextCursor: null });
  });

  it('follows a new version and notes when the component was seen last', async () => {
    const before = (await test.as(user).get('/v1/components/petstore').expect(200)).body as { lastSeenAt: string };
    await petstore.announce(encodeDescriptor({ ...petstoreDescriptor, version: '1.1.0' }));
    await eventually(async () => {
      const { body } = await test.as(user).get('/v1/components/petstore').expect(200);
      expect(body).toMatchObject({ version: '1.1.0' });
      expect(Date.parse((body as { lastSeenAt: string }).lastSeenAt)).toBeGreaterThan(Date.parse(before.lastSeenAt));
    });
  });

  it('parks an announcement that cannot be read, with the reason, and goes on', async () => {
    await petstore.announce(Buffer.from('{"name":"UPPER CASE"}'));
    const parked = await nextParked();
    expect(parked.body.toString()).toBe('{"name":"UPPER CASE"}');
    expect(parkedReason(parked.headers)).toMatchObject({
      queue: queues.catalogue,
      reason: expect.stringContaining('/name') as string,
    });
    await petstore.announce(encodeDescriptor({ ...petstoreDescriptor, version: '1.2.0' }));
    await eventually(async () => {
      const { body } = await test.as(user).get('/v1/components/petstore').expect(200);
      expect(body).toMatchObject({ version: '1.2.0' });
    });
  });
});

describe('the status of a component', () => {
  const statusOf = async (name = 'petstore') => {
    const [one, list] = await Promise.all([
      test.as(user).get(`/v1/components/${name}`).expect(200),
      test.as(user).get('/v1/components').expect(200),
    ]);
    const { status } = one.body as { status: string };
    const items = (list.body as { items: { name: string; status: string }[] }).items;
    expect(items.find((item) => item.name === name)?.status).toBe(status);
    return status;
  };

  /** A process of the component that takes its steps. */
  async function replica(): Promise<{ drain(): Promise<void>; crash(): Promise<void> }> {
    const sessions = openSessions({ url: test.amqpUrl, name: 'replica', topology: coreTopology, logger: silent });
    const publisher = createPublisher(sessions.publishing, { logger: silent });
    const consumer = consume(sessions.consuming, {
      queue: stepQueue('petstore'),
      prefetch: 5,
      logger: silent,
      park: createParker(publisher),
      handle: () => new Promise(() => undefined),
    });
    await consumer.started;
    const close = async () => {
      await sessions.close();
      await consumer.close(0);
      await publisher.close();
    };
    return { drain: () => consumer.close(0).then(close), crash: close };
  }

  it('is available as long as one of its processes takes steps, and away as soon as none does', async () => {
    const [first, second] = [await replica(), await replica()];
    await eventually(async () => expect(await statusOf()).toBe('available'));
    await first.drain();
    expect(await statusOf()).toBe('available');
    await second.drain();
    const began = Date.now();
    await eventually(async () => expect(await statusOf()).toBe('away'));
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  it('is away when its process is killed, though a step is under way', async () => {
    const only = await replica();
    await eventually(async () => expect(await statusOf()).toBe('available'));
    await only.crash();
    await eventually(async () => expect(await statusOf()).toBe('away'));
  });

  it('is away when it has not announced itself for 90 s', async () => {
    const stuck = await replica();
    await test.database.dataSource.query(`update component set last_seen_at = now() - interval '91 s'`);
    await eventually(async () => expect(await statusOf()).toBe('away'));
    await petstore.announce();
    await eventually(async () => expect(await statusOf()).toBe('available'));
    await stuck.drain();
  });
});

async function nextParked(): Promise<Delivery> {
  const sessions = openSessions({ url: test.amqpUrl, name: 'parked', topology: coreTopology, logger: silent });
  const publisher = createPublisher(sessions.publishing, { logger: silent });
  let found: Delivery | undefined;
  const consumer = consume(sessions.consuming, {
    queue: queues.parked,
    prefetch: 1,
    logger: silent,
    park: createParker(publisher),
    handle(delivery) {
      found = delivery;
      return Promise.resolve({ outcome: 'done' });
    },
  });
  await eventually(() => expect(found).toBeDefined());
  await consumer.close();
  await publisher.close();
  await sessions.close();
  return found!;
}
