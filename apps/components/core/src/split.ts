import { action, type Json } from '@millrace/component-sdk';
import { dataExpression } from '@millrace/expressions';
import { z } from 'zod';
import { anyData, expressions } from './evaluating.js';

/** Makes a list into single outputs: the steps below run once for each. */
export const split = action({
  title: 'Split',
  description: 'Emits every element of a list as an output of its own; the steps below run once for each.',
  idempotency: 'natural',
  config: z.object({
    items: dataExpression()
      .default('$')
      .describe(
        'JSONata expression over the input that gives the list. A single value counts as a list of one, nothing and null as ' +
          'an empty one',
      ),
  }),
  input: anyData,
  output: z.object({
    item: z.unknown().describe('the element'),
    index: z.number().describe('its place in the list, from 0'),
    total: z.number().describe('how many elements there are'),
  }),
  async *run({ input, config, idempotencyKey }) {
    const data = input as Json;
    const found = await expressions.evaluate({
      name: 'The list',
      expression: config.items,
      data,
      seed: idempotencyKey,
    });
    const items = Array.isArray(found) ? found : found === undefined || found === null ? [] : [found];
    const total = items.length;
    for (const [index, item] of items.entries()) yield { item, index, total };
  },
});
