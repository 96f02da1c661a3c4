import { action, collectedOutput, collectItem, type Json } from '@millrace/component-sdk';
import { dataExpression } from '@millrace/expressions';
import { z } from 'zod';
import { anyData, expressions } from './evaluating.js';

const maxCount = 10_000;
const maxTimeoutSeconds = 30 * 86_400;

/** Gathers items. It only says which and until when: the engine keeps them, and makes one output of them. */
export const collect = action({
  title: 'Collect',
  description:
    'Gathers what comes in, over the branches of a run or over runs, and goes on once with all of it: when there is enough, ' +
    'when the time is over, or when no branch of the run can bring more.',
  idempotency: 'natural',
  config: z.object({
    scope: z
      .enum(['run', 'flow'])
      .default('run')
      .describe(
        '`run`: the branches of one run, as after a split, until all have come; `flow`: all runs of the flow, by count or time',
      ),
    count: z.int().min(1).max(maxCount).optional().describe(`go on with so many; ${maxCount} at most`),
    timeoutSeconds: z
      .int()
      .min(1)
      .max(maxTimeoutSeconds)
      .default(3_600)
      .describe('go on with what is there so long after the first has come'),
    key: dataExpression()
      .optional()
      .describe('JSONata expression over the input; only what has the same value is gathered together'),
  }),
  input: anyData,
  output: collectedOutput,
  async run({ input, config, idempotencyKey }) {
    const item = input as Json;
    const { scope, count = maxCount, timeoutSeconds } = config;
    const key = config.key === undefined ? null : await keyOf(config.key, item, idempotencyKey);
    return collectItem(item, { scope, key, maxItems: count, timeoutMs: timeoutSeconds * 1_000 });
  },
});

async function keyOf(expression: string, data: Json, seed: string): Promise<Json> {
  return (await expressions.evaluate({ name: 'The key', expression, data, seed })) ?? null;
}
