import { createHash } from 'node:crypto';
import { parkedReason, type Delivery, type Outcome } from '@millrace/amqp';
import { parseStepMessageId, queues, stepMessageId, stepQueue, type StepError } from '@millrace/contracts';
import { parkMessages, readStepRuns, type ParkedMessage, type StepRunKey } from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { failedResult } from '../engine/failed-result.js';
import { persevere } from '../engine/persevere.js';

/**
 * Moves parked messages from the broker into Postgres, where they can be listed and released. They come from a
 * handler that could not read them, or from the broker when a message exceeded its delivery limit. A step whose message
 * or result is parked has failed: otherwise its run would never end, and the step would be repeated for ever.
 */
export async function handleParked(deps: EngineDeps, batch: Delivery[]): Promise<Outcome[]> {
  const messages = batch.map(parkedMessage);
  await persevere(deps, 'keeping parked messages', () => parkMessages(deps.database, messages));
  deps.reached('parked.kept');
  for (const { queue, reason, messageId } of messages) {
    deps.logger.error({ queue, reason, messageId }, 'message parked');
  }
  for (const message of messages) await failItsStep(deps, message);
  deps.reached('parked.failed');
  return batch.map(() => ({ outcome: 'done' }));
}

async function failItsStep(deps: EngineDeps, { queue, reason, messageId }: ParkedMessage): Promise<void> {
  if (queue !== queues.results && !queue.startsWith(stepQueue(''))) return;
  const address = parseStepMessageId(messageId);
  if (!address) return;
  const key: StepRunKey = address;
  const [row] = await persevere(deps, 'reading a step run', () => readStepRuns(deps.database, [key]));
  if (row?.status !== 'running' || row.attempt !== address.attempt) return;
  const error: StepError = {
    code: 'message_parked',
    message: `The ${queue === queues.results ? 'result' : 'message'} of the step was parked: ${reason}`,
    detail: { queue, messageId },
  };
  const { workspaceId, flowId, versionId } = row;
  const result = failedResult({ ...address, workspaceId, flowId, versionId }, error);
  await persevere(deps, 'failing a parked step', () =>
    deps.broker.publish({ ...result, messageId: `parked:${stepMessageId({ ...row, ...address })}` }),
  );
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
