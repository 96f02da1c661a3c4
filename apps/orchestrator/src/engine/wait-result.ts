import type { OutgoingMessage } from '@millrace/amqp';
import {
  encodeResultMessage,
  maxMessageBytes,
  queues,
  requestIdOf,
  stepMessageId,
  type Carry,
  type EndedOutcome,
  type Emission,
  type Json,
  type JsonObject,
  type ResumeWait,
  type StepAddress,
  type StepError,
} from '@millrace/contracts';
import type { KeptCall, ReleasedWait } from '@millrace/persistence';

/** As for the outputs of every other step. */
const maxOutputBytes = 12 * 1024 * 1024;

/** What a call, or its absence, means for a step that waited. */
interface WaitEnd {
  outcome: EndedOutcome;
  emission?: Emission;
}

/**
 * The result of a step that waited, from the call that resumed it or from its time being over. It follows from what is
 * kept alone, so it is the same whenever it is made, but for its time.
 */
export function waitResult(
  address: StepAddress,
  { released, component, carry }: { released: ReleasedWait; component: string; carry: Carry },
): OutgoingMessage {
  const encode = ({ outcome, emission }: WaitEnd): Buffer =>
    encodeResultMessage({
      ...address,
      outcome,
      ...(emission && { emission }),
      logs: released.logs ?? [],
      component: { name: component, version: released.componentVersion ?? '' },
      startedAt: released.startedAt.getTime(),
      finishedAt: Date.now(),
      carry,
    });
  const end = released.call ? calledEnd(released.wait, released.emitted, released.call) : lateEnd(released);
  let body = encode(end);
  if (body.length > maxMessageBytes || outputBytes(end) + released.outputBytes > maxOutputBytes) {
    body = encode(failed(tooLarge(), end.emission?.index));
  }
  const messageId = stepMessageId(address);
  return { exchange: '', routingKey: queues.results, body, messageId, contentType: 'application/json' };
}

function calledEnd({ uses, maxCalls }: ResumeWait, emitted: number, call: KeptCall): WaitEnd {
  const outcome: EndedOutcome = { kind: 'succeeded', outputs: [outputOf(call)] };
  if (uses === 'once') return { outcome };
  return { outcome, emission: { index: emitted, last: emitted + 1 >= maxCalls } };
}

function lateEnd({ wait: { uses, onTimeout, timeoutMs }, emitted }: ReleasedWait): WaitEnd {
  if (emitted === 0 && onTimeout === 'fail') return failed(timedOut(timeoutMs));
  if (uses === 'once') return { outcome: { kind: 'succeeded', outputs: [nobodyCalled] } };
  return { outcome: { kind: 'succeeded', outputs: [] }, emission: { index: emitted, last: true } };
}

function failed(error: StepError, index?: number): WaitEnd {
  const outcome: EndedOutcome = { kind: 'failed', error, retry: { kind: 'never' } };
  return index === undefined ? { outcome } : { outcome, emission: { index, last: true } };
}

function outputOf({ id, request, body }: KeptCall): JsonObject {
  const { method, path, query, headers, contentType } = request;
  const value = JSON.parse(body.toString()) as Json;
  return { method, path, query, headers, contentType, body: value, timedOut: false, requestId: requestIdOf(id) };
}

const nobodyCalled: JsonObject = {
  method: null,
  path: null,
  query: null,
  headers: null,
  contentType: null,
  body: null,
  timedOut: true,
  requestId: null,
};

function outputBytes({ outcome }: WaitEnd): number {
  return outcome.kind === 'failed' ? 0 : Buffer.byteLength(JSON.stringify(outcome.outputs));
}

function timedOut(timeoutMs: number): StepError {
  return {
    code: 'wait_timed_out',
    message: `Nobody called the resume URL of the step within ${Math.round(timeoutMs / 1000)} s.`,
    detail: { timeoutMs },
  };
}

function tooLarge(): StepError {
  return {
    code: 'output_too_large',
    message: `What the resume URL was called with is too large: ${maxOutputBytes} bytes are allowed for all calls of one step.`,
    detail: { limitBytes: maxOutputBytes },
  };
}
