import type { FlowId, RunId } from '@millrace/contracts';
import type { BulkAction, BulkJobRow, RunStatus } from '@millrace/persistence';
import { z } from 'zod';
import { idField, listOf, timeField, timeQuery } from '../http/fields.js';
import { fingerprintField } from '../incidents/schemas.js';
import { runStatus, versionChoice } from '../runs/schemas.js';

/** The statuses in which a run can be acted on. */
export const statusesOf: Record<BulkAction, readonly RunStatus[]> = {
  retry: ['failed'],
  cancel: ['queued', 'running', 'waiting'],
  replay: runStatus.options,
};

/** So many runs can be named one by one. */
const maxNamedRuns = 1_000;

export const runFilter = z
  .strictObject({
    runIds: z
      .array(idField<RunId>('run'))
      .min(1)
      .max(maxNamedRuns)
      .optional()
      .describe('only these runs, such as those that somebody has chosen from a list'),
    flowId: idField<FlowId>('flow').optional().describe('only runs of this flow'),
    status: runStatus.optional().describe('only runs of this status; it must be one that the action can act on'),
    from: timeQuery.optional().describe('only runs that began then or later, ISO 8601'),
    to: timeQuery.optional().describe('only runs that began before, ISO 8601'),
    stepId: z
      .string()
      .max(64)
      .optional()
      .describe('only runs that came to this step; with `errorCode` or `text` those in which it failed so'),
    errorCode: z.string().min(1).max(200).optional().describe('only runs in which a step failed with this code'),
    text: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe("only runs in which the message of a step's error holds this text, in capital or small letters"),
    fingerprint: fingerprintField.optional().describe('only runs with a failure of this incident; needs `flowId`'),
  })
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), 'must name something')
  .refine(({ fingerprint, flowId }) => fingerprint === undefined || flowId !== undefined, {
    path: ['flowId'],
    message: 'is needed with `fingerprint`',
  })
  .meta({ id: 'RunFilter' });

export const bulkBody = z
  .strictObject({
    filter: runFilter,
    action: z.enum(['retry', 'replay', 'cancel']),
    version: versionChoice
      .optional()
      .describe('as for one run: `same` by default for `retry`, `current` for `replay`, none for `cancel`'),
  })
  .superRefine(({ filter, action, version }, context) => {
    const { status } = filter;
    if (status !== undefined && !statusesOf[action].includes(status)) {
      const message = `must be ${statusesOf[action].join(', ')} for ${action}`;
      context.addIssue({ code: 'custom', path: ['filter', 'status'], message });
    }
    if (action === 'cancel' && version !== undefined) {
      context.addIssue({ code: 'custom', path: ['version'], message: 'must be left out for cancel' });
    }
  })
  .meta({ id: 'BulkAction' });

export const jobSchema = z
  .object({
    id: z.uuid(),
    action: z.enum(['retry', 'replay', 'cancel']),
    version: versionChoice.nullable(),
    filter: z.json().describe('as it was given'),
    status: z
      .enum(['queued', 'running', 'done', 'cancelled'])
      .describe(
        '`queued`: it waits for others of the workspace, which has one running at a time; `cancelled`: by somebody, or ' +
          'because it could not go on, which `stopped` tells',
      ),
    total: z.int().nullable().describe('how many runs matched when it began; null until they are counted'),
    done: z.int().describe('how many runs it acted on'),
    failed: z.int().describe('for how many runs the action was refused'),
    failures: z
      .array(z.object({ runId: z.uuid(), code: z.string(), message: z.string() }))
      .describe(
        'the first 20 of them with the reason, which is what the action on the run alone would have been answered',
      ),
    stopped: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .describe('why it could not go on, and ended before its time; null for any other'),
    createdBy: z.uuid().describe('the user who began it'),
    createdAt: timeField.describe('only runs that began before are acted on'),
    startedAt: timeField.nullable(),
    finishedAt: timeField.nullable(),
  })
  .meta({ id: 'BulkJob' });

export const jobList = listOf(jobSchema, 'BulkJobList');

export type RunFilter = z.output<typeof runFilter>;
export type BulkBody = z.output<typeof bulkBody>;
export type Job = z.output<typeof jobSchema>;
export type JobList = z.output<typeof jobList>;

export function jobView(row: BulkJobRow): Job {
  const { workspaceId: _, cursor: _cursor, failures, createdAt, startedAt, finishedAt, ...rest } = row;
  const stop = failures.find(({ runId }) => runId === null);
  return {
    ...rest,
    failures: failures.flatMap(({ runId, code, message }) => (runId === null ? [] : [{ runId, code, message }])),
    stopped: stop ? { code: stop.code, message: stop.message } : null,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
