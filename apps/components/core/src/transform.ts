import { action, type Json } from '@millrace/component-sdk';
import { dataExpression } from '@millrace/expressions';
import { z } from 'zod';
import { anyData, expressions } from './evaluating.js';

/** Makes another document of one. */
export const transform = action({
  title: 'Transform',
  description:
    'Makes a new document of what comes in, with one JSONata expression. Where it gives nothing, the branch ends.',
  idempotency: 'natural',
  config: z.object({
    expression: dataExpression().describe('JSONata expression over the input; what it gives is the output of the step'),
  }),
  input: anyData,
  output: z.unknown().describe('what the expression gives'),
  run: ({ input, config, idempotencyKey }) =>
    expressions.evaluate({
      name: 'The expression',
      expression: config.expression,
      data: input as Json,
      seed: idempotencyKey,
    }),
});
