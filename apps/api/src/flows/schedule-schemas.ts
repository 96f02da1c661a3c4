import { scheduleSettingsSchema } from '@millrace/flow-model';
import { z } from 'zod';
import { timeField } from '../http/fields.js';

export const flowSchedule = z
  .object({
    schedule: scheduleSettingsSchema.describe('as it was published'),
    nextAt: timeField.nullable().describe('when it is polled next, at the earliest; null while the flow does not run'),
    lastAt: timeField.nullable().describe('when the last poll began'),
    lastStatus: z.enum(['running', 'succeeded', 'failed', 'cancelled']).nullable(),
    lastOutputs: z.int().nullable().describe('how many outputs it gave'),
    lastRunId: z.uuid().nullable().describe('its run; null when it found nothing, for then it leaves no run'),
    snapshot: z.json().describe('what the trigger kept for its next poll; null when there is nothing'),
    snapshotAt: timeField.nullable().describe('when that was saved'),
  })
  .meta({ id: 'FlowSchedule' });

export type FlowSchedule = z.output<typeof flowSchedule>;
