import { z } from 'zod';
import type { Decoded } from './decode.js';
import { parseId, type FlowId, type FlowVersionId, type RunId, type WorkspaceId } from './ids.js';
import type { JsonObject } from './json.js';

/** The request line and headers of one accepted call, without its body. Credential headers are left out. */
export interface HookRequest {
  method: string;
  /** What follows the flow id, `''` or beginning with a slash. */
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  /** As it was sent; `''` when the request names none. The body of the message is JSON whatever it says. */
  contentType: string;
  /**
   * How many bytes at the end of the message's body are the body as it was sent, for a flow that asks for it; the JSON
   * stands before them. Missing when it is not kept.
   */
  rawBodyBytes?: number;
  /** Queue of the instance whose caller waits for the flow's answer; missing when nobody waits. */
  replyTo?: string;
}

/**
 * webhooks-service → orchestrator, on `triggers`. The message body is the request body as JSON: a JSON body is passed on
 * byte by byte, every other kind was read once, at the door. All else is in the message's headers.
 */
export interface TriggerMessage {
  runId: RunId;
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  /** Milliseconds since the epoch at which the request had arrived whole. */
  receivedAt: number;
  request: HookRequest;
  body: Buffer;
  /** Of a request that a person has run once more: the run whose request it is. It is never taken for a duplicate. */
  replayOf?: RunId | undefined;
}

/**
 * What the trigger step of a webhook component gets as its input. `body` is JSON: as text where it is valid UTF-8 and
 * base64 is not shorter, else as base64.
 */
export interface HookRequestInput extends JsonObject {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  contentType: string;
  body: string;
  bodyEncoding: 'utf8' | 'base64';
}

/** How the body was sent, for a flow that keeps it: text where it is UTF-8, else base64. */
export interface RawBody extends JsonObject {
  text: string;
  encoding: 'utf8' | 'base64';
}

/** One header holds it all: a table of many entries costs both ends and the broker more than one text. */
const envelope = z.object({
  flowId: z.uuid(),
  versionId: z.uuid(),
  receivedAt: z.number(),
  request: z.lazy(() => hookRequest),
  replayOf: z.uuid().optional(),
});

const hookRequest = z.object({
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  headers: z.record(z.string(), z.string()),
  contentType: z.string(),
  rawBodyBytes: z.int().min(0).optional(),
  replyTo: z.string().optional(),
});

/** Splits a trigger message into what AMQP carries. The body is passed on as it is. */
export function encodeTriggerMessage(message: TriggerMessage): {
  messageId: string;
  headers: Record<string, string>;
  body: Buffer;
} {
  const { flowId, versionId, receivedAt, request, replayOf } = message;
  return {
    messageId: message.runId,
    headers: {
      // Apart, because it says whose a parked message is.
      workspaceId: message.workspaceId,
      trigger: JSON.stringify({ flowId, versionId, receivedAt, request, replayOf }),
    },
    body: message.body,
  };
}

/** Reads a trigger message back; the reason of a refusal names the header that is wrong. */
export function decodeTriggerMessage(delivery: {
  messageId: string | undefined;
  headers: Readonly<Record<string, unknown>>;
  body: Buffer;
}): Decoded<TriggerMessage> {
  const runId = parseId<RunId>(delivery.messageId ?? '');
  if (!runId) return refusal('its message id is not a request id');
  const workspaceId = parseId<WorkspaceId>(String(delivery.headers['workspaceId']));
  if (!workspaceId) return refusal('header workspaceId is not an id');
  let trigger: unknown;
  try {
    trigger = JSON.parse(String(delivery.headers['trigger']));
  } catch {
    return refusal('header trigger is not JSON');
  }
  const checked = envelope.safeParse(trigger);
  if (!checked.success) {
    return refusal(checked.error.issues.map((fault) => `${fault.path.join('.')}: ${fault.message}`).join('; '));
  }
  const { rawBodyBytes = 0 } = checked.data.request;
  if (rawBodyBytes > delivery.body.length) return refusal('request.rawBodyBytes: is more than the body has');
  return { ok: true, value: { ...(trigger as TriggerEnvelope), workspaceId, runId, body: delivery.body } };
}

type TriggerEnvelope = Pick<TriggerMessage, 'flowId' | 'versionId' | 'receivedAt' | 'request' | 'replayOf'>;

function refusal(reason: string): { ok: false; reason: string } {
  return { ok: false, reason: `trigger message is malformed: ${reason}` };
}
