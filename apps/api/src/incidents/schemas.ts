import type { FlowId } from '@millrace/contracts';
import { z } from 'zod';
import { idField, listOf, timeField, timeQuery } from '../http/fields.js';

export const fingerprintField = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be the `fingerprint` of an incident')
  .describe('of an incident: 32 hex digits');

const incidentFields = {
  from: timeQuery.optional().describe('only runs that began then or later, ISO 8601; by default a week before `to`'),
  to: timeQuery.optional().describe('only runs that began before, ISO 8601; by default now'),
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('how many at most'),
};

export const incidentQuery = z.object(incidentFields);
export const workspaceIncidentQuery = z.object({
  flowId: idField<FlowId>('flow').optional().describe('only those of this flow'),
  ...incidentFields,
});

const incident = z
  .object({
    fingerprint: fingerprintField.describe('the same for failures of this kind; `POST /v1/runs/bulk` takes it'),
    flowId: z.uuid(),
    stepId: z.string(),
    code: z.string(),
    message: z.string().describe('as the newest of them says it'),
    count: z.int().describe('how many step runs failed in this way'),
    firstSeenAt: timeField,
    lastSeenAt: timeField,
    lastRunId: z.uuid(),
    runIds: z.array(z.uuid()).describe('the newest runs, at most 5'),
  })
  .meta({ id: 'Incident' });

export const incidentList = listOf(incident, 'IncidentPage')
  .extend({
    truncated: z.boolean().describe('there are more: choose a shorter time, or a higher limit'),
  })
  .meta({ id: 'IncidentList' });

export type IncidentList = z.output<typeof incidentList>;
