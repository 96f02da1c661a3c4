import type { FlowId, StepId, StepPath } from '@millrace/contracts';
import { z } from 'zod';
import { idField, listOf, pageFields, timeField, timeQuery } from '../http/fields.js';

export const runStatus = z
  .enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'duplicate'])
  .describe('`duplicate`: the same request had come before, so its steps do not run')
  .meta({ id: 'RunStatus' });

/** One status, or several with commas between them. */
const statusQuery = z
  .string()
  .describe(`only runs of this status, or of these, separated by commas: ${runStatus.options.join(', ')}`)
  .transform((text, context) => {
    const parsed = z.array(runStatus).safeParse(text.split(','));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: `must be of ${runStatus.options.join(', ')}` });
    return z.NEVER;
  });

const stepIdQuery = z
  .string()
  .max(63)
  .transform((text) => text as StepId);

const filterFields = {
  flowId: idField<FlowId>('flow').optional().describe('only runs of this flow'),
  status: statusQuery.optional(),
  from: timeQuery.optional().describe('only runs that began then or later, ISO 8601'),
  to: timeQuery.optional().describe('only runs that began before, ISO 8601'),
  stepId: stepIdQuery
    .optional()
    .describe('only runs that came to this step; with `errorCode` or `text`, in which it failed so'),
  errorCode: z.string().min(1).max(100).optional().describe('only runs in which a step failed with this code'),
  text: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('only runs in which the message of a failed step holds this text, in capital or small letters'),
};

export const runFilter = z.object(filterFields);
export const runQuery = z.object({
  ...filterFields,
  ...pageFields,
  payloads: z
    .enum(['some', 'none'])
    .default('some')
    .describe(
      '`none` leaves out all inputs, outputs and logs: much faster where only what became of the runs is shown',
    ),
});

export const runCount = z
  .object({ count: z.int(), more: z.boolean().describe('there are, or may be, more than `count`') })
  .meta({ id: 'RunCount', example: { count: 10_000, more: true } });

export type RunCount = z.output<typeof runCount>;

export const payloadPart = z.enum(['input', 'output', 'logs', 'error', 'attemptErrors']);

export const payloadQuery = z.object({
  part: payloadPart.default('output').describe('what of the step run'),
  path: z
    .string()
    .regex(/^(\d{1,10}(\.\d{1,10})*)?$/, 'must be numbers with dots between them, such as 0.2')
    .max(10_000)
    .default('')
    .transform((text) => text as StepPath)
    .describe('`path` of the step run; empty for the trigger'),
});

export const payloadSchema = z.json().meta({ id: 'Payload', description: 'Any JSON' });

const stepError = z.object({ code: z.string(), message: z.string(), detail: z.json() }).meta({ id: 'StepError' });

const stepLog = z
  .object({
    time: timeField,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
    fields: z.json().optional(),
  })
  .meta({ id: 'StepLog' });

const elided = z
  .object({
    part: payloadPart,
    sizeBytes: z.int().describe('how many bytes it has at least: what is large is not read to be measured'),
    url: z.string().describe('where to read it whole, on this origin'),
  })
  .meta({ id: 'Elided' });

const stepRun = z
  .object({
    stepId: z.string(),
    path: z.string().describe('which output of each step before led here, such as `0.2`; empty for the trigger'),
    flowVersion: z.int().nullable().describe('another one than that of its run where it was retried with another'),
    status: z
      .enum(['running', 'waiting', 'succeeded', 'failed', 'cancelled'])
      .describe('`waiting`: for its next attempt, at `nextAttemptAt`, or for what `waitingFor` says'),
    attempts: z.int().describe('how often it was tried'),
    attemptErrors: z
      .array(z.object({ attempt: z.int(), error: stepError, startedAt: timeField, finishedAt: timeField }))
      .describe('the failed attempts that another one followed, long details left out; the last error is in `error`'),
    nextAttemptAt: timeField.nullable(),
    waitingFor: z
      .enum(['resume', 'collect'])
      .nullable()
      .describe('`resume`: a call of its resume URL; `collect`: others, with which its item goes on'),
    waitsUntil: timeField.nullable().describe('when it waits no longer for that'),
    input: z
      .json()
      .describe(
        'what the step got; for the trigger the request, or time and snapshot of the poll. Secret fields are shown as `••••`',
      ),
    output: z.json().describe('what it gave: the output itself when there is one, else a list'),
    outputCount: z.int().nullable(),
    error: stepError.nullable(),
    logs: z.array(stepLog),
    elided: z.array(elided).describe('what is left out here for its size'),
    componentVersion: z.string().nullable(),
    startedAt: timeField,
    finishedAt: timeField.nullable(),
  })
  .meta({ id: 'StepRun' });

const runFields = {
  id: z.uuid(),
  requestId: z.string().describe('the id of the request that began it, as its sender got it; of a poll its own'),
  flowId: z.uuid(),
  flowVersion: z.int().nullable().describe('that it began with'),
  status: runStatus,
  duplicateOf: z.uuid().nullable().describe('of a duplicate the run that came first'),
  replayOf: z.uuid().nullable().describe('of a replay the run whose request it is'),
  startedAt: timeField,
  finishedAt: timeField.nullable(),
};

export const runSchema = z
  .object({
    ...runFields,
    steps: z.array(stepRun),
    stepsLeftOut: z.int().describe('how many more steps it has; lists show the first, the run itself has all'),
  })
  .meta({ id: 'Run' });
export const runList = listOf(runSchema)
  .extend({
    truncated: z
      .boolean()
      .describe('the search stopped before it had a page of matches, or all: go on with `nextCursor`'),
  })
  .meta({ id: 'RunList' });
export const requestSchema = z
  .object({
    ...runFields,
    flowId: z.uuid().nullable().describe('null when a parked request does not tell it'),
    status: z
      .enum([...runStatus.options, 'parked', 'rejected'])
      .describe(
        'of its run; `parked` when it was accepted and no run of it could begin, `rejected` when it was not accepted',
      )
      .meta({ id: 'RequestStatus' }),
    reason: z.string().nullable().describe('why it is parked; of a rejected one a stable word, such as `unauthorized`'),
    message: z.string().nullable().describe('of a rejected request the reason for a person'),
  })
  .meta({ id: 'Request' });

export const runSummary = z.object(runFields).meta({ id: 'RunSummary' });

/** Of which version of its flow what is done anew shall be. */
export const versionChoice = z.enum(['same', 'current']).meta({ id: 'VersionChoice' });

export const retryBody = z
  .strictObject({
    fromStep: z.string().max(64).optional().describe('only where this step failed; without it every step that failed'),
    path: z
      .string()
      .max(4_000)
      .optional()
      .describe('only at this path of `fromStep`, where several of its step runs failed'),
    version: versionChoice
      .default('same')
      .describe(
        '`current`: the steps and what follows them go on with the published version, and are mapped anew by it',
      ),
  })
  .refine(({ fromStep, path }) => path === undefined || fromStep !== undefined, {
    path: ['path'],
    message: 'needs `fromStep`, the step that it is a path of',
  })
  .prefault({})
  .meta({ id: 'RetryRun' });

export const retriedRun = z
  .object({
    ...runFields,
    stepsRetried: z.int().describe('how many step runs are tried again'),
    stepsLeft: z.int().describe('how many failed ones stay as they are'),
  })
  .meta({ id: 'RetriedRun' });

export const replayBody = z
  .strictObject({
    version: versionChoice
      .default('current')
      .describe('`current`: the published version of the flow; `same`: the one that the run had'),
  })
  .prefault({})
  .meta({ id: 'ReplayRun' });

export const replayedRun = z
  .object({
    runId: z.uuid().describe('the new run; it appears a moment after this answer'),
    requestId: z.string().describe('the same id as senders know it'),
  })
  .meta({ id: 'ReplayedRun' });

export type RunSummary = z.output<typeof runSummary>;
export type RetryRun = z.output<typeof retryBody>;
export type RetriedRun = z.output<typeof retriedRun>;
export type ReplayedRun = z.output<typeof replayedRun>;
export const resumeUrlQuery = z.object({
  path: z
    .string()
    .max(4_000)
    .regex(/^\d+(\.\d+)*$/)
    .optional()
    .describe('`path` of the step that waits; without it the one that began first'),
});

export const resumeUrlSchema = z
  .object({
    url: z.url().describe('whoever calls it resumes the step: hand it on like a password'),
    path: z.string(),
    waitsUntil: timeField,
  })
  .meta({ id: 'ResumeUrl' });

export type ResumeUrl = z.output<typeof resumeUrlSchema>;
export type StepRun = z.output<typeof stepRun>;
export type Run = z.output<typeof runSchema>;
export type RunList = z.output<typeof runList>;
export type RequestFate = z.output<typeof requestSchema>;
export type Elided = z.output<typeof elided>;
export type PayloadPartName = z.output<typeof payloadPart>;
