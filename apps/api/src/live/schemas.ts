import type { RunId } from '@millrace/contracts';
import { z } from 'zod';
import { idField } from '../http/fields.js';

export const maxWatchedRuns = 50;

/** Ids with commas between them. */
const runIds = z
  .string()
  .max(maxWatchedRuns * 40)
  .transform((text) => text.split(','))
  .pipe(z.array(idField<RunId>('run')).max(maxWatchedRuns, `must be at most ${maxWatchedRuns} ids`));

export const liveQuery = z.object({
  runId: runIds
    .optional()
    .describe(
      `runs that are looked at, separated by commas, at most ${maxWatchedRuns}: each change of them and of their steps is ` +
        'told, however old they are',
    ),
});

export const liveChange = z
  .object({
    type: z
      .enum(['run', 'flow', 'credential', 'sample', 'rejection', 'parked', 'job', 'component'])
      .describe('`parked` is told to administrators only'),
    flowId: z.uuid().optional(),
    runId: z.uuid().optional(),
    id: z
      .string()
      .optional()
      .describe('of the credential, job or parked message; of a sample its step, of a component its name'),
    count: z.int().optional().describe('how many changes of this kind and flow this stands for, when more than one'),
  })
  .meta({
    id: 'LiveChange',
    description: 'The data of an event `change`',
    example: { type: 'run', flowId: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b', count: 12 },
  });

export type LiveChange = z.output<typeof liveChange>;
