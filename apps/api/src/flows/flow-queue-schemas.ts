import { runsPerSecondSchema } from '@millrace/flow-model';
import { z } from 'zod';
import { timeField } from '../http/fields.js';
import { flowStatus } from './schemas.js';

export const resumeFlowBody = z
  .strictObject({
    runsPerSecond: runsPerSecondSchema
      .optional()
      .describe(
        'how many of the runs that have queued up begin in a second; default is what the flow sets, else as many as can',
      ),
  })
  .meta({ id: 'ResumeFlow' })
  .default({});

const orderKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'must be a `key` of the queue')
  .describe('SHA-256 of the value of the key');

export const releaseKeyBody = z.strictObject({ key: orderKey }).meta({ id: 'ReleaseKey' });

const heldKey = z
  .object({
    key: orderKey,
    state: z
      .enum(['blocked', 'parked'])
      .describe(
        '`blocked`: until the failed run was retried with success or cancelled; `parked`: until it is released',
      ),
    runId: z.uuid().describe('the run that failed'),
    waiting: z.int().describe('runs of the key that wait'),
  })
  .meta({ id: 'HeldKey' });

export const flowQueueSchema = z
  .object({
    flowId: z.uuid(),
    status: flowStatus,
    queued: z.int().describe('runs that wait to begin'),
    behind: z.int().describe('of these, such that wait for an earlier run of their key'),
    begun: z.int().describe('runs that have begun and count towards the limit; 0 without a limit or an order'),
    concurrency: z.int().nullable().describe('how many may have begun; null without a limit'),
    oldest: z.object({ runId: z.uuid(), acceptedAt: timeField }).nullable().describe('the run that has waited longest'),
    resumedPerSecond: z
      .number()
      .nullable()
      .describe('how many of the runs that had queued up begin in a second; null for as many as can'),
    keys: z.array(heldKey).describe('keys of which no run begins because one of it failed, the longest first'),
    keysLeftOut: z.int().describe('how many more there are'),
  })
  .meta({ id: 'FlowQueue' });

export const cancelledRuns = z
  .object({ cancelled: z.int().describe('runs that waited and are cancelled') })
  .meta({ id: 'CancelledRuns' });

export type FlowQueue = z.output<typeof flowQueueSchema>;
export type CancelledRuns = z.output<typeof cancelledRuns>;
