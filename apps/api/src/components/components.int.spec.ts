import { createPublisher, openSessions, parkedReason, consume, createParker, type Delivery } from '@millrace/amqp';
import { coreTopology, encodeDescriptor, queues } from '@millrace/contracts';
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
    expect(body).toEqual({ ...petstoreDescriptor, lastSeenAt: expect.any(String) as string });
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
