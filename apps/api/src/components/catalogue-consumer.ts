import { consume, createParker, type AmqpSession, type Consumer, type Outcome, type Publisher } from '@millrace/amqp';
import { decodeDescriptor, queues, type Reached } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { componentRepository, type Database } from '@millrace/persistence';

const prefetch = 10;

export interface CatalogueDeps {
  database: Database;
  publisher: Publisher;
  logger: Logger;
  reached: Reached;
}

/** Keeps the catalogue: stores what components announce of themselves. What cannot be read is parked. */
export function consumeCatalogue(session: AmqpSession, deps: CatalogueDeps): Consumer {
  const { publisher, logger } = deps;
  return consume(session, {
    queue: queues.catalogue,
    prefetch,
    logger,
    park: createParker(publisher),
    handle: (delivery) => handleAnnouncement(deps, delivery.body),
  });
}

async function handleAnnouncement({ database, reached }: CatalogueDeps, body: Buffer): Promise<Outcome> {
  const decoded = decodeDescriptor(body);
  if (!decoded.ok) return { outcome: 'park', reason: decoded.reason };
  await componentRepository(database.dataSource.manager).announce(decoded.value);
  reached('catalogue.stored');
  return { outcome: 'done' };
}
