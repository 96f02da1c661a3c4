import type { Json } from '@millrace/contracts';
import { z } from 'zod';

/** Any JSON: its body was read as such, and asking again would cost more than reading it. */
const anyJson = z.unknown().transform((value) => value as Json);

const pet = { petname: 'gromit', lines: [{ price: 2 }, { price: 3 }] };

const previewContext = z
  .strictObject({
    output: anyJson.optional().describe('the output of the step above: the root of expressions'),
    steps: z.record(z.string(), anyJson).default({}).describe('`$steps`: outputs of earlier steps by id'),
    request: anyJson.optional().describe('`$request`: method, path, query and headers of the webhook request'),
    run: anyJson.default({}).describe('`$run`: ids and time of the run'),
  })
  .meta({ id: 'MappingContext', description: 'What the expressions read, such as the samples of the steps before.' });

export const previewBody = z
  .strictObject({
    mapping: anyJson.describe('any JSON, whose texts are expressions'),
    context: previewContext,
  })
  .refine(({ mapping }) => mapping !== undefined, { path: ['mapping'], message: 'is missing' })
  .meta({
    id: 'PreviewMapping',
    example: {
      mapping: { name: '$uppercase(petname)', total: '$sum(lines.price)' },
      context: { output: pet },
    },
  });

const mappingError = z
  .object({
    pointer: z.string().describe('JSON pointer into the mapping'),
    expression: z.string(),
    position: z.int().describe('place in the expression, from 0'),
    code: z.string(),
    message: z.string(),
    inputShape: z.string().describe('names and types of the output that it read, without values'),
  })
  .meta({ id: 'MappingError' });

export const mappingPreview = z
  .object({
    value: z.json().optional().describe('what the step would get; nothing where the mapping has no value, or fails'),
    errors: z.array(mappingError).describe('one for each expression that fails; empty when the mapping has a value'),
  })
  .meta({ id: 'MappingPreview', example: { value: { name: 'GROMIT', total: 5 }, errors: [] } });

export type PreviewMapping = z.output<typeof previewBody>;
export type MappingPreview = z.output<typeof mappingPreview>;
