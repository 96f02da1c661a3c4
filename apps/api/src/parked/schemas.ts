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

export type ParkedList = z.output<typeof parkedList>;
