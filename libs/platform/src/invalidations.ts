import { randomUUID } from 'node:crypto';
import { consume, type AmqpSession, type Parker } from '@millrace/amqp';
import { decodeInvalidation, exchanges, invalidationQueue, type Invalidation } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';

/** What keeps copies of flows or credentials. */
export interface Forgetful {
  forget(invalidation: Invalidation): void;
  forgetAll(): void;
}

export interface Invalidations {
  /** A readiness check: throws until changes are heard. */
  assertHeard(): void;
  close(): Promise<void>;
}

/** Forgets what the control plane says has changed, and everything when messages may have been missed. */
export function hearInvalidations(
  session: AmqpSession,
  options: { cache: Forgetful; logger: Logger; park: Parker },
): Invalidations {
  const { cache, logger, park } = options;
  let heard = false;
  const consumer = consume(session, {
    queue: {
      name: () => invalidationQueue(randomUUID()),
      bindings: [{ exchange: exchanges.invalidate, routingKey: '' }],
    },
    prefetch: 100,
    logger,
    park,
    onSubscribed() {
      cache.forgetAll();
      heard = true;
    },
    async handle(delivery) {
      const invalidation = decodeInvalidation(delivery.body);
      if (!invalidation.ok) return { outcome: 'park', reason: invalidation.reason };
      cache.forget(invalidation.value);
      return { outcome: 'done' };
    },
  });
  return {
    assertHeard() {
      if (!heard) throw new Error('changes of flows and credentials are not heard yet');
    },
    close: () => consumer.close(),
  };
}
