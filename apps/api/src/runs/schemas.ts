import type { FlowId } from '@millrace/contracts';
import { z } from 'zod';
import { idField, listOf, pageFields, timeField, timeQuery } from '../http/fields.js';

const runStatus = z
  .enum(['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'duplicate'])
  .describe('`duplicate`: the same request had come before, so its steps do not run')
  .meta({ id: 'RunStatus' });

export const runQuery = z.object({
  flowId: idField<FlowId>('flow').optional().describe('only runs of this flow'),
  status: runStatus.optional().describe('only runs of this status'),
  from: timeQuery.optional().describe('only runs that began then or later, ISO 8601'),
  to: timeQuery.optional().describe('only runs that began before, ISO 8601'),
  ...pageFields,
});

const stepError = z.object({ code: z.string(), message: z.string(), detail: z.json() }).meta({ id: 'StepError' });

const stepLog = z
  .object({
    time: timeField,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string(),
    fields: z.json().optional(),
  })
  .meta({ id: 'StepLog' });

const stepRun = z
  .object({
    stepId: z.string(),
    path: z.string().describe('which output of each step before led here, such as `0.2`; empty for the trigger'),
    status: z
      .enum(['running', 'waiting', 'succeeded', 'failed', 'cancelled'])
      .describe('`waiting`: for its next attempt, at `nextAttemptAt`'),
    attempts: z.int().describe('how often it was tried'),
    attemptErrors: z
      .array(z.object({ attempt: z.int(), error: stepError, startedAt: timeField, finishedAt: timeField }))
      .describe('the failed attempts that another one followed, long details left out; the last error is in `error`'),
    nextAttemptAt: timeField.nullable(),
    input: z.json().describe('what the step got; for the trigger the request, or time and snapshot of the poll'),
    output: z.json().describe('what it gave: the output itself when there is one, else a list'),
    outputCount: z.int().nullable(),
    error: stepError.nullable(),
    logs: z.array(stepLog),
    elided: z
      .array(z.enum(['input', 'output', 'logs', 'attemptErrors']))
      .describe('what is left out here for its size; read the run for it'),
    componentVersion: z.string().nullable(),
    startedAt: timeField,
    finishedAt: timeField.nullable(),
  })
  .meta({ id: 'StepRun' });

const runFields = {
  id: z.uuid(),
  requestId: z.string().describe('the id of the request that began it, as its sender got it; of a poll its own'),
  flowId: z.uuid(),
  flowVersion: z.int().nullable(),
  status: runStatus,
  duplicateOf: z.uuid().nullable().describe('of a duplicate the run that came first'),
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
export const runList = listOf(runSchema, 'RunList');
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

export type StepRun = z.output<typeof stepRun>;
export type Run = z.output<typeof runSchema>;
export type RunList = z.output<typeof runList>;
export type RequestFate = z.output<typeof requestSchema>;
