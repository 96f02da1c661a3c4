import { z } from 'zod';
import { listOf, timeField } from '../http/fields.js';

const parkedMessage = z
  .object({
    id: z.uuid(),
    queue: z.string().describe('the queue that it came from and is released to'),
    reason: z.string().describe('why nobody could handle it'),
    messageId: z.string().describe('for `triggers` the id of the request; else it begins with the id of the run'),
    sizeBytes: z.int(),
    parkedAt: timeField,
  })
  .meta({ id: 'ParkedMessage' });

export const parkedList = listOf(parkedMessage, 'ParkedMessageList');

export const parkedContent = parkedMessage
  .extend({
    body: z
      .string()
      .nullable()
      .describe('at most 64 KiB of it; null when it cannot be read, and so not be shown without secrets'),
    bodyEncoding: z.enum(['utf8', 'base64']).nullable(),
    truncated: z.boolean().describe('`body` is only its beginning'),
  })
  .meta({
    id: 'ParkedContent',
    description:
      'Of a trigger the body as it was sent; of others the message without credentials, secret fields as `••••`',
  });

export type ParkedDetail = z.output<typeof parkedContent>;
export type ParkedList = z.output<typeof parkedList>;
