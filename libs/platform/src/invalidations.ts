import { randomUUID } from 'node:crypto';
import { consume, type AmqpSession, type OutgoingMessage, type Parker, type Publisher } from '@millrace/amqp';
import {
  deafKeepForMs,
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
 * control plane so: it answers a change only when every instance has forgotten what was before. The control plane cannot
 * tell an instance without a connection from one that has ended, so while there is none everything is forgotten all the time.
 */
export function hearInvalidations(session: AmqpSession, options: HearOptions): Invalidations {
  const { cache, publisher, logger, park } = options;
  let heard = false;
  let forgetting: NodeJS.Timeout | undefined;

  function beDeaf(): void {
    cache.forgetAll();
    forgetting ??= setInterval(() => cache.forgetAll(), deafKeepForMs).unref();
  }

  function hear(): void {
    clearInterval(forgetting);
    forgetting = undefined;
    cache.forgetAll();
    heard = true;
  }

  const forgetState = session.onState((state) => {
    if (state === 'connecting') beDeaf();
  });
  beDeaf();

  function say(message: Pick<OutgoingMessage, 'exchange' | 'routingKey' | 'type' | 'correlationId'>): void {
    const nothing = encodeInvalidation({ flowIds: [], credentialIds: [] });
    const headers = { instance: consumer.queue };
    const rest = { body: nothing, messageId: randomUUID(), headers, mandatory: false, persistent: false };
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
      hear();
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
    async close() {
      forgetState();
      clearInterval(forgetting);
      await consumer.close();
    },
  };
}
