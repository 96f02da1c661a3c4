import { randomUUID } from 'node:crypto';
import { consume, createParker, createPublisher, openSessions } from '@millrace/amqp';
import { coreTopology, decodeInvalidation, exchanges, type Invalidation } from '@millrace/contracts';
import { silent, type TestApi } from './api.fixture.js';

/** What the control plane tells every instance to forget, as it comes in. */
export interface Ear {
  credentialIds: string[];
  listener: ((message: Invalidation) => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** Listens until it is closed. */
export async function hearInvalidations(test: Pick<TestApi, 'amqpUrl'>): Promise<Ear> {
  const sessions = openSessions({ url: test.amqpUrl, name: 'ear', topology: coreTopology, logger: silent });
  const publisher = createPublisher(sessions.publishing, { logger: silent });
  const heard: Ear = {
    credentialIds: [],
    listener: undefined,
    async close() {
      await consumer.close();
      await publisher.close();
      await sessions.close();
    },
  };
  const consumer = consume(sessions.consuming, {
    queue: { name: () => `ear.${randomUUID()}`, bindings: [{ exchange: exchanges.invalidate, routingKey: '' }] },
    prefetch: 1,
    logger: silent,
    park: createParker(publisher),
    async handle(delivery) {
      const message = decodeInvalidation(delivery.body);
      if (!message.ok) return { outcome: 'park', reason: message.reason };
      heard.credentialIds.push(...message.value.credentialIds);
      await heard.listener?.(message.value);
      return { outcome: 'done' };
    },
  });
  await consumer.started;
  return heard;
}
