import { randomUUID } from 'node:crypto';
import { consume, type AmqpSession, type Parker } from '@millrace/amqp';
import { decodeReplyMessage, replyQueue } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import type { WaitingCallers } from './waiting-callers.js';

export interface Replies {
  /** The queue of this instance: where runs send the answers that its callers wait for. */
  readonly queue: string;
  close(): Promise<void>;
}

const prefetch = 500;

/**
 * Hears the answers of runs. The queue keeps its name as long as the process lives: after a broken connection it is
 * declared again, and runs that began before still find it.
 */
export function hearReplies(
  session: AmqpSession,
  options: { callers: WaitingCallers; logger: Logger; park: Parker },
): Replies {
  const { callers, logger, park } = options;
  const queue = replyQueue(randomUUID());
  const consumer = consume(session, {
    queue: { name: queue },
    prefetch,
    logger,
    park,
    async handle(delivery) {
      const reply = decodeReplyMessage(delivery.body);
      if (!reply.ok) return { outcome: 'park', reason: reply.reason };
      callers.settle(reply.value);
      return { outcome: 'done' };
    },
  });
  return { queue, close: () => consumer.close() };
}
