import { randomUUID } from 'node:crypto';
import { consume, type AmqpSession, type OutgoingMessage, type Parker, type Publisher } from '@millrace/amqp';
import {
  decodeInvalidation,
  encodeInvalidation,
  exchanges,
  instanceSays,
  invalidationQueue,
  type Invalidation,
} from '@millrace/contracts';
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

export interface HearOptions {
  cache: Forgetful;
  /** With what the instance says that it has forgotten. */
  publisher: Pick<Publisher, 'publish'>;
  logger: Logger;
  park: Parker;
}

/** Who waits for it waits about as long. */
const sayWithinMs = 2_000;

/**
 * Forgets what the control plane says has changed, and everything when messages may have been missed, and tells the
 * control plane so: it answers a change only when every instance has forgotten what was before.
 */
export function hearInvalidations(session: AmqpSession, options: HearOptions): Invalidations {
  const { cache, publisher, logger, park } = options;
  const instance = randomUUID();
  let heard = false;

  function say(message: Pick<OutgoingMessage, 'exchange' | 'routingKey' | 'type' | 'correlationId'>): void {
    const nothing = encodeInvalidation({ flowIds: [], credentialIds: [] });
    const rest = { body: nothing, messageId: randomUUID(), headers: { instance }, mandatory: false, persistent: false };
    publisher.publish({ ...message, ...rest }, { timeoutMs: sayWithinMs }).catch((error: unknown) => {
      logger.debug({ err: error }, 'nobody could be told what was forgotten');
    });
  }

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
      say({ exchange: exchanges.invalidate, routingKey: '', type: instanceSays.hello });
    },
    async handle(delivery) {
      const invalidation = decodeInvalidation(delivery.body);
      if (!invalidation.ok) return { outcome: 'park', reason: invalidation.reason };
      cache.forget(invalidation.value);
      const { replyTo, messageId } = delivery;
      if (replyTo !== undefined && messageId !== undefined) {
        say({ exchange: '', routingKey: replyTo, type: instanceSays.heard, correlationId: messageId });
      }
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
