import type { FlowId } from '@millrace/contracts';
import { z } from 'zod';
import { idField, listOf, timeField, timeQuery } from '../http/fields.js';

export const ledgerQuery = z.object({
  from: timeQuery.optional().describe('from the hour of this time on, ISO 8601; a day before `to` when left out'),
  to: timeQuery.optional().describe('up to the hour of this time, ISO 8601; now when left out'),
  flowId: idField<FlowId>('flow').optional().describe('only this flow'),
  cursor: timeQuery.optional().describe('`nextCursor` of the page before'),
});

const count = z.int().min(0);

const ledgerEntry = z
  .object({
    flowId: z.uuid(),
    hour: timeField.describe('the beginning of the hour in which the requests came in'),
    accepted: count.describe(
      'how many requests webhooks-service answered as accepted, counted by itself. What an instance that was killed had ' +
        'not written is not in it: it may be too low, never too high',
    ),
    succeeded: count,
    failed: count,
    cancelled: count,
    duplicate: count,
    inFlight: z.object({
      queued: count,
      running: count,
      waiting: count,
      onTheWay: count.describe('accepted and not a run yet, as many as there are messages in the queue of triggers'),
    }),
    parked: count.describe('kept because no run of them could begin: `GET /v1/parked`'),
    missing: count.describe('accepted and nowhere else: lost, or a parked message that was deleted'),
    uncounted: count.describe(
      'there is a run that was not counted as accepted: it came in just now, its instance was killed before it wrote ' +
        'its counts, its sender got 503 though the broker had it, or no call of a webhook URL began it',
    ),
    balanced: z.boolean().describe('nothing is missing'),
  })
  .meta({ id: 'LedgerEntry' });

export const ledgerSchema = listOf(ledgerEntry)
  .extend({
    from: timeField.describe('the first hour; later than asked for where runs are not kept so long'),
    to: timeField.describe('the end of the last hour'),
    balanced: z.boolean().describe('nothing is missing on this page'),
  })
  .meta({ id: 'Ledger' });

export type LedgerQuery = z.output<typeof ledgerQuery>;
export type LedgerEntry = z.output<typeof ledgerEntry>;
export type Ledger = z.output<typeof ledgerSchema>;
