import { compileMapping, needsSandbox, readsOf, type CompiledMapping } from '@millrace/mapping';
import { z } from 'zod';
import type { Problem } from './problem.js';

/** What becomes of the later runs of a key when a run of it fails. */
export type FailurePolicy = 'continue' | 'block' | 'park';

/** How the runs of a flow begin. They are part of its versions, and those of the published one hold. */
export interface FlowSettings {
  /** Runs of the flow at a time, at most; those beyond it wait as `queued`, and begin in the order in which they came. */
  concurrency?: number | undefined;
  /** Runs whose key has the same value run one after another. */
  order?:
    | {
        /** An expression over the body (the root) and `$request`. A run without a value is not ordered. */
        key: string;
        onFailure?: FailurePolicy | undefined;
      }
    | undefined;
  /** How many of the runs that queued up while the flow was paused begin in a second; without it as many as can. */
  resumePerSecond?: number | undefined;
}

/** The settings made ready to use. */
export interface Beginning {
  concurrency: number | undefined;
  order: { key: CompiledMapping; sandboxed: boolean; onFailure: FailurePolicy } | undefined;
  resumePerSecond: number | undefined;
  /** Whether every run waits in the queue of the flow until it may begin. */
  queues: boolean;
}

export const runsPerSecondSchema = z.number().min(0.1).max(100_000);

const order = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(2_000)
    .describe(
      'expression over the body and $request; runs with the same value run one after another, others in parallel',
    ),
  onFailure: z
    .enum(['continue', 'block', 'park'])
    .optional()
    .describe(
      'when a run fails: `continue`, the default: the next one of its key begins; `block`: those of its key wait until it was ' +
        'retried with success or cancelled; `park`: they wait until the key is released by hand',
    ),
});

export const flowSettingsSchema: z.ZodType<FlowSettings> = z
  .strictObject({
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('runs at a time, at most; those beyond wait as `queued`'),
    order: order.optional().describe('runs of the same key one after another'),
    resumePerSecond: runsPerSecondSchema
      .optional()
      .describe(
        'how many of the runs that queued up while the flow was paused begin in a second; default is as many as can',
      ),
  })
  .describe('how runs begin; those of the published version hold');

/** The settings of a published version; `undefined` where they change nothing. */
export function beginningOf(settings: FlowSettings | undefined): Beginning | undefined {
  if (!settings) return undefined;
  const { concurrency, order: ordered, resumePerSecond } = settings;
  if (concurrency === undefined && !ordered && resumePerSecond === undefined) return undefined;
  const compiled = ordered && compileMapping(ordered.key).compiled;
  return {
    concurrency,
    order: compiled && {
      key: compiled,
      sandboxed: needsSandbox(compiled),
      onFailure: ordered?.onFailure ?? 'continue',
    },
    resumePerSecond,
    queues: concurrency !== undefined || ordered !== undefined,
  };
}

/** What keeps a draft with these settings from being published. */
export function settingsProblems(settings: FlowSettings | undefined): Problem[] {
  if (!settings?.order) return [];
  const pointer = '/settings/order/key';
  const { compiled, problems } = compileMapping(settings.order.key);
  const [fault] = problems;
  if (fault) {
    return [{ pointer, code: 'invalid_expression', message: `At character ${fault.position + 1}: ${fault.message}` }];
  }
  const { steps, allSteps } = readsOf(compiled);
  if (steps.size === 0 && !allSteps) return [];
  const message = 'The key reads $steps, and no step has run when it is looked at: use the body and $request.';
  return [{ pointer, code: 'unknown_output', message }];
}
