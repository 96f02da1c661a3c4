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
  contentType: string;
}

/** webhooks-service → orchestrator, on `triggers`: the raw body is the message body, all else its headers. */
export interface TriggerMessage {
  runId: RunId;
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  /** Milliseconds since the epoch at which the request had arrived whole. */
  receivedAt: number;
  request: HookRequest;
  body: Buffer;
}

/**
 * What the trigger step of a webhook component gets as its input. `body` is the raw body: as text where it is
 * valid UTF-8 and base64 is not shorter, else as base64.
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

type TriggerIds = Pick<TriggerMessage, 'workspaceId' | 'flowId' | 'versionId' | 'receivedAt'>;

const envelope = z.object({
  workspaceId: z.uuid(),
  flowId: z.uuid(),
  versionId: z.uuid(),
  receivedAt: z.number(),
});

const hookRequest = z.object({
  method: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  headers: z.record(z.string(), z.string()),
  contentType: z.string(),
});

/** Splits a trigger message into what AMQP carries. The body is passed on as it is. */
export function encodeTriggerMessage(message: TriggerMessage): {
  messageId: string;
  headers: Record<string, string | number>;
  body: Buffer;
} {
  return {
    messageId: message.runId,
    headers: {
      workspaceId: message.workspaceId,
      flowId: message.flowId,
      versionId: message.versionId,
      receivedAt: message.receivedAt,
      request: JSON.stringify(message.request),
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
  if (!runId) return { ok: false, reason: 'trigger message is malformed: its message id is not a request id' };
  const ids = envelope.safeParse(delivery.headers);
  if (!ids.success) return refusal(ids.error);
  let parsed: unknown;
  try {
    parsed = JSON.parse(String(delivery.headers['request']));
  } catch {
    return { ok: false, reason: 'trigger message is malformed: header request is not JSON' };
  }
  const request = hookRequest.safeParse(parsed);
  if (!request.success) return refusal(request.error);
  return {
    ok: true,
    value: { ...(ids.data as TriggerIds), runId, request: request.data, body: delivery.body },
  };
}

function refusal(error: z.ZodError): { ok: false; reason: string } {
  const faults = error.issues.map((fault) => `${fault.path.join('.')}: ${fault.message}`);
  return { ok: false, reason: `trigger message is malformed: ${faults.join('; ')}` };
}
