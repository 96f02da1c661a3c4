/*
 * Other services keep copies of flows and credentials. A change is answered only when all of them have let go of what was
 * before, so that it holds for the next request wherever that goes.
 *
 *   tell() ─▶ invalidate (to all, reply-to this instance) ─▶ each forgets, says `heard` ─▶ all known ones did: resolved
 *                                                            │ one is silent for too long: it is not waited for again
 *
 * Known is who said hello when it began to listen, or answered a question that is asked every few seconds. Who begins
 * to listen has forgotten everything.
 */
import { randomUUID } from 'node:crypto';
import { consume, createParker, DONE, type AmqpSession, type Delivery, type Publisher } from '@millrace/amqp';
import { encodeInvalidation, exchanges, heardQueue, instanceSays, type Invalidation } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';

export interface Instances {
  /** Resolves when every instance has forgotten these, or the bound is over: their copies expire by themselves, too. */
  tell(invalidation: Invalidation): Promise<void>;
  /** Instances that are waited for. */
  readonly known: number;
  close(): Promise<void>;
}

export interface InstancesOptions {
  publisher: Publisher;
  logger: Logger;
  /** How long an instance may take to forget; default 1 s. */
  heardWithinMs?: number;
  /** How often it is asked who is there; default 5 s. */
  askEveryMs?: number;
}

const confirmedWithinMs = 2_000;
const usualHeardWithinMs = 1_000;
const usualAskEveryMs = 5_000;

interface Waiting {
  left: Set<string>;
  allHeard(): void;
}

/** `session` is where the answers come in. */
export function openInstances(session: AmqpSession, options: InstancesOptions): Instances {
  const { publisher, logger, heardWithinMs = usualHeardWithinMs, askEveryMs = usualAskEveryMs } = options;
  const known = new Set<string>();
  const waiting = new Map<string, Waiting>();

  const consumer = consume(session, {
    queue: { name: () => heardQueue(randomUUID()), bindings: [{ exchange: exchanges.invalidate, routingKey: '' }] },
    prefetch: 100,
    logger,
    park: createParker(publisher),
    onSubscribed: () => void ask(),
    handle(delivery) {
      listen(delivery);
      return Promise.resolve(DONE);
    },
  });
  const asking = setInterval(() => void ask(), askEveryMs).unref();

  function listen({ type, headers, correlationId }: Delivery): void {
    const { instance } = headers;
    if (typeof instance !== 'string' || (type !== instanceSays.hello && type !== instanceSays.heard)) return;
    known.add(instance);
    const one = waiting.get(correlationId ?? '');
    if (one?.left.delete(instance) && one.left.size === 0) one.allHeard();
  }

  function ask(): Promise<void> {
    return tell({ flowIds: [], credentialIds: [] });
  }

  async function tell(invalidation: Invalidation): Promise<void> {
    const messageId = randomUUID();
    const replyTo = consumer.queue;
    const left = new Set(known);
    const heard = new Promise<void>((resolve) => waiting.set(messageId, { left, allHeard: resolve }));
    const over = new AbortController();
    try {
      await publisher.publish(
        {
          exchange: exchanges.invalidate,
          routingKey: '',
          body: encodeInvalidation(invalidation),
          messageId,
          ...(replyTo === undefined ? {} : { replyTo }),
          // With no instance there to hear it there is nothing to forget.
          mandatory: false,
          persistent: false,
        },
        { timeoutMs: confirmedWithinMs },
      );
      if (left.size > 0) await Promise.race([heard, pause(heardWithinMs, over.signal)]);
      for (const instance of left) known.delete(instance);
      if (left.size > 0) logger.info({ instances: left.size }, 'instances that answer no more are not waited for');
    } catch (error) {
      logger.warn({ err: error, ...invalidation }, 'caches could not be told of a change, they expire');
    } finally {
      over.abort();
      waiting.delete(messageId);
    }
  }

  return {
    tell,
    get known() {
      return known.size;
    },
    async close() {
      clearInterval(asking);
      await consumer.close();
    },
  };
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    over.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
