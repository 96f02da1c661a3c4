import { DELIVERY_COUNT_HEADER, type Delivery } from './delivery.js';
import type { Publisher } from './publisher.js';

/** Headers that a parked message carries besides its own. */
export const PARK_HEADERS = {
  reason: 'x-millrace-park-reason',
  queue: 'x-millrace-park-queue',
  at: 'x-millrace-park-at',
} as const;

export interface Parker {
  /** Puts a copy of the message with the reason on the parked queue; resolves once that is confirmed. Rejects with PublishError. */
  park(delivery: Delivery, reason: string): Promise<void>;
}

/** Where copies of messages go that are not settled in their place. */
export interface BatchParker extends Parker {
  /** Puts a message of a bundle, by itself, at the end of its queue; resolves once that is confirmed. Rejects with PublishError. */
  requeue(part: Delivery): Promise<void>;
}

export interface ParkerOptions {
  /** Default `parked`. */
  queue?: string;
  /** Default 10 s. */
  timeoutMs?: number;
  clock?: () => Date;
}

const MAX_REASON_LENGTH = 2_000;

/** Parks messages over a publisher: body and headers unchanged, plus reason, queue of origin and time. */
export function createParker(publisher: Publisher, options: ParkerOptions = {}): BatchParker {
  const { queue = 'parked', timeoutMs = 10_000, clock = () => new Date() } = options;
  return {
    park(delivery, reason) {
      // The count belongs to the stay in the old queue; on the way back it would look like failures.
      const { [DELIVERY_COUNT_HEADER]: _count, ...headers } = delivery.headers;
      return publisher.publish(
        {
          exchange: '',
          routingKey: queue,
          body: delivery.body,
          messageId: delivery.messageId ?? '',
          headers: {
            ...headers,
            [PARK_HEADERS.reason]: reason.slice(0, MAX_REASON_LENGTH),
            [PARK_HEADERS.queue]: delivery.queue,
            [PARK_HEADERS.at]: clock().toISOString(),
          },
          ...(delivery.contentType !== undefined && { contentType: delivery.contentType }),
          ...(delivery.correlationId !== undefined && { correlationId: delivery.correlationId }),
          ...(delivery.replyTo !== undefined && { replyTo: delivery.replyTo }),
          ...(delivery.type !== undefined && { type: delivery.type }),
        },
        { timeoutMs },
      );
    },
    requeue({ queue: home, body, headers, messageId = '', contentType = '' }) {
      return publisher.publish(
        { exchange: '', routingKey: home, body, headers, messageId, contentType },
        { timeoutMs },
      );
    },
  };
}

export interface ParkedReason {
  reason: string;
  queue: string;
  /** ISO time, undefined when the broker parked it. */
  at: string | undefined;
}

/**
 * Why and from where a message came to the parked queue, whichever way it took: parked by a consumer, or dead-lettered by
 * the broker (whose reasons are `delivery_limit`, `expired`, `maxlen`, `rejected`). Undefined when the headers tell neither.
 */
export function parkedReason(headers: Readonly<Record<string, unknown>>): ParkedReason | undefined {
  const reason = headers[PARK_HEADERS.reason];
  const queue = headers[PARK_HEADERS.queue];
  const at = headers[PARK_HEADERS.at];
  if (typeof reason === 'string' && typeof queue === 'string') {
    return { reason, queue, at: typeof at === 'string' ? at : undefined };
  }
  const brokerReason = headers['x-first-death-reason'];
  const brokerQueue = headers['x-first-death-queue'];
  if (typeof brokerReason === 'string' && typeof brokerQueue === 'string') {
    return { reason: brokerReason, queue: brokerQueue, at: undefined };
  }
  return undefined;
}
