import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';
import type { RunId } from './ids.js';

/**
 * Orchestrator → the instance of webhooks-service that holds the caller's connection, on `replies.<instance>`. A reply
 * is worth something only while somebody waits for it: it is neither persistent nor mandatory, and one for a call that
 * nobody waits for any more is dropped.
 */
export type ReplyMessage =
  /** A `reply` step ran: this is the answer. */
  | {
      kind: 'reply';
      runId: RunId;
      status: number;
      headers: Record<string, string>;
      body: string;
      bodyEncoding: 'utf8' | 'base64';
    }
  /** The run ended, and no `reply` step had run. */
  | { kind: 'ended'; runId: RunId; status: 'succeeded' | 'failed' | 'cancelled' | 'duplicate' };

const schema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('reply'),
    runId: z.uuid(),
    status: z.number().int().min(200).max(599),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    bodyEncoding: z.enum(['utf8', 'base64']),
  }),
  z.object({
    kind: z.literal('ended'),
    runId: z.uuid(),
    status: z.enum(['succeeded', 'failed', 'cancelled', 'duplicate']),
  }),
]);

export function encodeReplyMessage(message: ReplyMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** Reads a reply; the reason of a refusal names the field that is wrong. */
export function decodeReplyMessage(body: Buffer): Decoded<ReplyMessage> {
  return decodeJson<ReplyMessage>(body, schema, 'reply message');
}
