import type { FlowId } from '@millrace/contracts';
import { z } from 'zod';
import { flowStatus } from '../flows/schemas.js';
import { idField, timeField, timeQuery } from '../http/fields.js';
import { runSummary } from '../runs/schemas.js';

export const dashboardQuery = z.object({
  from: timeQuery.optional().describe('runs that began then or later, ISO 8601; by default a day before `to`'),
  to: timeQuery.optional().describe('runs that began before, ISO 8601; by default now'),
  flowId: idField<FlowId>('flow').optional().describe('only this flow'),
});

const outcomes = {
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  duplicate: z.int(),
  open: z.int().describe('queued, running or waiting'),
};

const failingFlow = z
  .object({
    flowId: z.uuid(),
    name: z.string(),
    status: flowStatus,
    failed: z.int(),
    rate: z.number().describe('of the runs that succeeded or failed, the part that failed: 0 to 1'),
    lastError: z
      .object({ runId: z.uuid(), stepId: z.string(), code: z.string(), message: z.string(), failedAt: timeField })
      .nullable()
      .describe('null when what failed was retried since'),
  })
  .meta({ id: 'FailingFlow' });

export const dashboardSchema = z
  .object({
    from: timeField.describe('the beginning of the first bucket'),
    to: timeField,
    bucketSeconds: z.int(),
    buckets: z
      .array(z.object({ at: timeField.describe('its beginning'), ...outcomes }))
      .describe('all of the time, oldest first'),
    totals: z.object(outcomes),
    now: z
      .object({ queued: z.int(), running: z.int(), waiting: z.int() })
      .describe('open runs of the workspace, or of the flow, whenever they came'),
    failingFlows: z.array(failingFlow).describe('at most 10, the one that failed most comes first'),
    recentRuns: z.array(runSummary).describe('the 10 newest runs, whenever they came'),
  })
  .meta({ id: 'Dashboard' });

export type Dashboard = z.output<typeof dashboardSchema>;
