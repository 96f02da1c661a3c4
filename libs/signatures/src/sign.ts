import { keyOf } from './keys.js';
import { hmac } from './signature-check.js';

export interface OutgoingMessage {
  /** `whsec_` and base64, as Standard Webhooks writes secrets. */
  secret: string;
  /** The same for every attempt to deliver the message; without a full stop. */
  id: string;
  /** When this attempt is made. */
  timestampMs: number;
  body: Buffer;
}

/**
 * The headers that make a request a Standard Webhooks one, version v1:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * Throws when the secret or the id is not of that form; the error does not hold the secret.
 */
export function signStandardWebhook({ secret, id, timestampMs, body }: OutgoingMessage): Record<string, string> {
  const key = keyOf(secret, 'whsec');
  if (!key) throw new TypeError('secret: expected whsec_ and base64');
  if (!/^[\x21-\x2d\x2f-\x7e]+$/.test(id)) throw new TypeError('id: expected visible ASCII without a full stop');
  const timestamp = String(Math.floor(timestampMs / 1_000));
  const signature = hmac('hmac-sha256', key, [Buffer.from(`${id}.${timestamp}.`), body]).toString('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
