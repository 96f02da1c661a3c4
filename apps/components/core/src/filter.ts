import { action, TerminalError, type Json } from '@millrace/component-sdk';
import { dataExpression } from '@millrace/expressions';
import { z } from 'zod';
import { anyData, expressions } from './evaluating.js';

/** Lets pass what fits a condition. */
export const filter = action({
  title: 'Filter',
  description: 'Passes on what fits a condition, unchanged. The rest ends here, fails, or is passed on with a mark.',
  idempotency: 'natural',
  config: z.object({
    condition: dataExpression().describe('JSONata expression over the input that gives true or false'),
    otherwise: z
      .enum(['end', 'fail', 'mark'])
      .default('end')
      .describe(
        'what becomes of the rest: `end` ends the branch, which is no error; `fail` fails the step; `mark` passes on both, ' +
          'as { passed, value }, so that edges can tell them apart',
      ),
    reason: z
      .string()
      .max(500)
      .default('The input does not fit the condition.')
      .describe('with `fail`: what the run log says'),
  }),
  input: anyData,
  output: z.unknown().describe('the input; with `mark` { passed, value }'),
  async run({ input, config, idempotencyKey }) {
    const value = input as Json;
    const evaluated = { name: 'The condition', expression: config.condition, data: value, seed: idempotencyKey };
    const passed = await expressions.evaluate(evaluated);
    if (typeof passed !== 'boolean') throw notBoolean(passed);
    if (config.otherwise === 'mark') return { passed, value };
    if (passed) return value;
    if (config.otherwise === 'fail') throw new TerminalError(config.reason, { code: 'filtered_out' });
    return undefined;
  },
});

/** As of an edge: whether something passes must not hang on what counts as true. */
function notBoolean(given: Json | undefined): TerminalError {
  const what =
    given === undefined ? 'nothing' : given === null ? 'null' : Array.isArray(given) ? 'a list' : kindOf(given);
  return new TerminalError(
    `The condition gave ${what}, not true or false: compare something, or use $exists() or $boolean().`,
    { code: 'condition_not_boolean' },
  );
}

function kindOf(value: Json): string {
  return typeof value === 'string' ? 'a text' : typeof value === 'number' ? 'a number' : 'an object';
}
