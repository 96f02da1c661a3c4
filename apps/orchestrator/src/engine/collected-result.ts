import type { OutgoingMessage } from '@millrace/amqp';
import {
  encodeResultMessage,
  maxMessageBytes,
  queues,
  requestIdOf,
  stepMessageId,
  type Carry,
  type EndedOutcome,
  type Json,
  type LogEntry,
  type StepAddress,
  type StepPath,
} from '@millrace/contracts';
import type { CollectedBatch, ReleasedCollection, ReleasedItem } from '@millrace/persistence';

/**
 * The result of a step that waited with an item: of the one that goes on an output with all items, of the others none, and in
 * their logs with which run their item goes on. It follows from what is kept alone, but for its time.
 */
export function collectedResult(
  address: StepAddress,
  {
    step,
    collection,
    component,
    carry,
  }: { step: ReleasedItem; collection: ReleasedCollection; component: string; carry: Carry },
): OutgoingMessage {
  const { holder, count, batch } = collection;
  const holds = holder.runId === address.runId && holder.path === address.path;
  const encode = (outcome: EndedOutcome): Buffer =>
    encodeResultMessage({
      ...address,
      outcome,
      logs: [...(step.logs ?? []), holds ? goesOn(count) : goesElsewhere(collection)],
      component: { name: component, version: step.componentVersion ?? '' },
      startedAt: step.startedAt.getTime(),
      finishedAt: Date.now(),
      carry,
    });
  let body = encode({ kind: 'succeeded', outputs: holds && batch ? [outputOf(batch)] : [] });
  if (body.length > maxMessageBytes) body = encode(tooLarge);
  const messageId = stepMessageId(address);
  return { exchange: '', routingKey: queues.results, body, messageId, contentType: 'application/json' };
}

function outputOf({ items, key, reason, ofOneRun, firstAt }: CollectedBatch): Json {
  const ordered = ofOneRun ? items.toSorted((a, b) => comparePaths(a.path, b.path)) : items;
  return { items: ordered.map(({ item }) => item), count: items.length, key, reason, firstAt: firstAt.toISOString() };
}

/** In the order of the branches: emission indexes are numbers. */
function comparePaths(a: StepPath, b: StepPath): number {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = Number(left[at]) - Number(right[at]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function goesOn(count: number): LogEntry {
  return { time: Date.now(), level: 'info', message: `Goes on with ${count} ${count === 1 ? 'item' : 'items'}` };
}

function goesElsewhere({ holder, count }: ReleasedCollection): LogEntry {
  const runId = requestIdOf(holder.runId);
  const message = `Its item is one of the ${count} with which run ${runId} goes on`;
  return { time: Date.now(), level: 'info', message, fields: { runId, path: holder.path } };
}

const tooLarge: EndedOutcome = {
  kind: 'failed',
  error: {
    code: 'output_too_large',
    message: 'The items and what later steps read of earlier ones are too large together: gather fewer, or map less.',
    detail: { limitBytes: maxMessageBytes },
  },
  retry: { kind: 'never' },
};
