import type { ConsumeMessage } from 'amqplib';

/** One message as a handler sees it. */
export interface Delivery {
  readonly body: Buffer;
  readonly messageId: string | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly contentType: string | undefined;
  readonly correlationId: string | undefined;
  readonly replyTo: string | undefined;
  readonly type: string | undefined;
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** Whether it was delivered before: its effects may be there already. */
  readonly redelivered: boolean;
  /** How often it came back before, as a quorum queue counts it; on other queues 1 when redelivered. */
  readonly deliveryCount: number;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/**
 * What becomes of a delivery:
 * - `done`: all that follows from it is durable; it is acked;
 * - `park`: it cannot be handled; it goes to the parked queue with the reason;
 * - `giveBack`: it was not handled after all; it is given back at once, which is no failure from RabbitMQ 4.3 on;
 * - `redeliver`: it is given back after a wait, and counts as one failure towards the queue's delivery limit.
 */
export type Outcome =
  | { outcome: 'done' }
  | { outcome: 'park'; reason: string }
  | { outcome: 'giveBack' }
  | { outcome: 'redeliver'; afterMs?: number };

export const DONE: Outcome = { outcome: 'done' };

/** Header in which a quorum queue counts failed deliveries. */
export const DELIVERY_COUNT_HEADER = 'x-delivery-count';

const NO_HEADERS: Readonly<Record<string, unknown>> = Object.freeze({});

export function toDelivery(message: ConsumeMessage, queue: string): Delivery {
  const { fields, properties } = message;
  const headers: Readonly<Record<string, unknown>> = properties.headers ?? NO_HEADERS;
  const counted = headers[DELIVERY_COUNT_HEADER];
  return {
    body: message.content,
    messageId: textOf(properties.messageId),
    headers,
    contentType: textOf(properties.contentType),
    correlationId: textOf(properties.correlationId),
    replyTo: textOf(properties.replyTo),
    type: textOf(properties.type),
    queue,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    redelivered: fields.redelivered,
    deliveryCount: typeof counted === 'number' ? counted : Number(fields.redelivered),
    receivedAt: Date.now(),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
