import { createHash } from 'node:crypto';
import { parkedReason, type Delivery, type Outcome } from '@millrace/amqp';
import { parkMessages, type ParkedMessage } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { persevere } from '../engine/persevere.js';

/**
 * Moves parked messages from the broker into Postgres, where they can be listed and released. They come from a
 * handler that could not read them, or from the broker when a message exceeded its delivery limit.
 */
export async function handleParked(deps: EngineDeps, batch: Delivery[]): Promise<Outcome[]> {
  const messages = batch.map(parkedMessage);
  await persevere(deps, 'keeping parked messages', () => parkMessages(deps.database, messages));
  for (const { queue, reason, messageId } of messages) {
    deps.logger.error({ queue, reason, messageId }, 'message parked');
  }
  return batch.map(() => ({ outcome: 'done' }));
}

function parkedMessage(delivery: Delivery): ParkedMessage {
  // How often the broker delivered it is no part of what was parked.
  const { 'x-delivery-count': _, ...headers } = delivery.headers;
  const { queue, reason } = parkedReason(headers) ?? { queue: 'unknown', reason: 'unknown' };
  const serialised = storable(JSON.stringify(headers));
  return {
    id: stableId(queue, delivery, serialised),
    queue: storable(queue),
    reason: reason === 'delivery_limit' ? 'delivered too often without being handled' : storable(reason),
    messageId: storable(delivery.messageId ?? ''),
    headers: serialised,
    body: delivery.body,
  };
}

// The same delivery gives the same id, so a redelivery is kept once.
function stableId(queue: string, delivery: Delivery, headers: string): string {
  const hash = createHash('sha256')
    .update(`${queue}\n${delivery.messageId ?? ''}\n${headers}\n`)
    .update(delivery.body);
  return hash.digest('hex').slice(0, 32);
}

/** Postgres's text holds no NUL. */
function storable(value: string): string {
  return value.replaceAll('\0', '\uFFFD');
}
