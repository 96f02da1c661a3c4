import { emptyDraft, flowDraftSchema } from '@millrace/flow-model';
import { z } from 'zod';
import { listOf, nameField, pageFields, timeField } from '../http/fields.js';
import { runStatus } from '../runs/schemas.js';
import { normalisedDraft } from './draft-problems.js';

export const flowStatus = z
  .enum(['draft', 'running', 'paused', 'stopped'])
  .describe('`draft`: nothing is published yet')
  .meta({ id: 'FlowStatus' });

export const flowDraft = flowDraftSchema.meta({
  id: 'FlowDraft',
  description: 'Steps, the first of which is the trigger, and edges that make them a tree. May be incomplete.',
});

export const draftBody = flowDraft.transform(normalisedDraft);

export const createFlowBody = z
  .strictObject({ name: nameField, draft: draftBody.default(emptyDraft) })
  .meta({ id: 'CreateFlow' });

export const copyFlowBody = z
  .strictObject({ name: nameField.optional().describe('default is “Copy of …”') })
  .default({})
  .meta({ id: 'CopyFlow' });

export const renameFlowBody = z.strictObject({ name: nameField }).meta({ id: 'RenameFlow' });

export const stopFlowBody = z
  .strictObject({
    queued: z.enum(['keep', 'cancel']).default('keep').describe('what becomes of the runs that wait to begin'),
  })
  .meta({ id: 'StopFlow' })
  .default({ queued: 'keep' });

/** One status, or several with commas between them. */
const statusQuery = z
  .string()
  .describe(`only flows of this status, or of these, separated by commas: ${flowStatus.options.join(', ')}`)
  .transform((text, context) => {
    const parsed = z.array(flowStatus).safeParse(text.split(','));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: `must be of ${flowStatus.options.join(', ')}` });
    return z.NEVER;
  });

export const flowQuery = z.object({
  q: z.string().min(1).max(200).optional().describe('only flows whose name holds this text, or of this id'),
  status: statusQuery.optional(),
  order: z
    .enum(['newest', 'name', 'updated'])
    .default('newest')
    .describe('`updated`: what was changed last comes first'),
  ...pageFields,
});

/** As high as Postgres counts here. */
const versionNumber = z.coerce.number().int().positive().max(2_147_483_647);

export const versionQuery = z.object({
  limit: pageFields.limit,
  cursor: versionNumber.optional().describe('`nextCursor` of the page before'),
});

export const flowSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    status: flowStatus,
    draft: flowDraft,
    draftRevision: z.int().describe('counts saves of the draft; send it as `If-Match` to notice those of others'),
    publishedVersion: z.int().nullable().describe('number of the version that runs when the flow is started'),
    queuedRuns: z.int().describe('runs that wait to begin: while it is paused, or for its limit or order'),
    webhookUrl: z.url().nullable().describe('null when a schedule sets it off: `GET /v1/flows/{flowId}/schedule`'),
    createdAt: timeField,
    updatedAt: timeField,
  })
  .meta({ id: 'Flow' });

const lastDays = z.object({
  succeeded: z.int(),
  failed: z.int(),
  total: z.int().describe('all runs that began, also those that were cancelled, were duplicates or have not ended'),
  successRate: z.number().nullable().describe('of those that succeeded or failed: 0 to 1; null when there was none'),
});

/** A flow as lists show it. */
const listedFlow = flowSchema
  .extend({
    lastRun: z.object({ id: z.uuid(), status: runStatus, startedAt: timeField }).nullable(),
    lastDay: lastDays.describe('runs of the present and the 23 hours before'),
    lastWeek: lastDays.describe('runs of the present and the 167 hours before'),
  })
  .meta({ id: 'ListedFlow' });

export const flowList = listOf(listedFlow, 'FlowList');

export const draftProblem = z
  .object({
    pointer: z.string().describe('JSON pointer into the draft'),
    code: z.string(),
    message: z.string(),
  })
  .meta({ id: 'DraftProblem' });

export const savedDraft = z
  .object({
    draft: flowDraft,
    draftRevision: z.int(),
    problems: z.array(draftProblem).describe('what keeps the draft from being published; empty when it can be'),
    savedBy: z
      .object({ id: z.uuid(), name: z.string(), email: z.string() })
      .nullable()
      .describe('who saved it last; null when nobody has yet, or the user is gone'),
    savedAt: timeField.nullable(),
  })
  .meta({ id: 'SavedDraft' });

const versionFields = {
  id: z.uuid(),
  flowId: z.uuid(),
  number: z.int().describe('1 for the first'),
  createdBy: z.uuid().nullable().describe('the user who published it'),
  createdAt: timeField,
};

export const versionSummary = z.object(versionFields).meta({ id: 'FlowVersionSummary' });
export const versionList = listOf(versionSummary, 'FlowVersionList');
export const versionSchema = z.object({ ...versionFields, definition: flowDraft }).meta({ id: 'FlowVersion' });

const side = z.union([z.literal('draft'), versionNumber]);

export const differenceQuery = z.object({
  from: side.optional().describe('number of a version, or `draft`; without it the published version'),
  to: side.optional().describe('number of a version, or `draft`, which it is by default'),
});

const fieldDifference = z
  .object({
    pointer: z.string().describe('JSON pointer within the step, edge or definition'),
    before: z.json().optional().describe('missing where there was nothing'),
    after: z.json().optional().describe('missing where there is nothing any more'),
  })
  .meta({ id: 'FieldDifference' });

const changeFields = { change: z.enum(['added', 'removed', 'changed']), fields: z.array(fieldDifference) };

export const differenceSchema = z
  .object({
    from: side,
    to: side,
    steps: z.array(z.object({ id: z.string(), ...changeFields })),
    edges: z.array(z.object({ from: z.string(), to: z.string(), ...changeFields })),
    fields: z.array(fieldDifference).describe('what differs outside of steps and edges'),
  })
  .meta({ id: 'FlowDifference' });

export type Flow = z.output<typeof flowSchema>;
export type ListedFlow = z.output<typeof listedFlow>;
export type FlowList = z.output<typeof flowList>;
export type SavedDraft = z.output<typeof savedDraft>;
export type VersionSummary = z.output<typeof versionSummary>;
export type VersionList = z.output<typeof versionList>;
export type Version = z.output<typeof versionSchema>;
export type Difference = z.output<typeof differenceSchema>;
