import type { Json } from '@millrace/contracts';
import { z } from 'zod';
import { listOf, timeField } from '../http/fields.js';

const format = z
  .enum(['json', 'xml', 'properties'])
  .describe('`properties`: names separated by commas, dots lead into objects')
  .meta({ id: 'SampleFormat' });

export type SampleFormat = z.output<typeof format>;

/** Any JSON: its body was read as such, and asking again would cost more than reading it. */
const anyJson = z.unknown().transform((value) => value as Json);

const manual = z
  .strictObject({
    mode: z.literal('manual'),
    format: format.optional(),
    text: z.string().optional().describe('the sample in that format'),
    value: anyJson.optional().describe('the sample itself, any JSON, in place of `format` and `text`'),
  })
  .transform(({ format: given, text, value }, context) => {
    if (given !== undefined && text !== undefined && value === undefined) {
      return { mode: 'manual' as const, content: { format: given, text } };
    }
    if (given === undefined && text === undefined && value !== undefined) {
      return { mode: 'manual' as const, content: { value } };
    }
    context.addIssue({ code: 'custom', message: 'must have either `format` and `text`, or `value`' });
    return z.NEVER;
  });

export const takeSampleBody = z
  .discriminatedUnion('mode', [
    manual,
    z.strictObject({ mode: z.literal('capture') }),
    z.strictObject({ mode: z.literal('generate') }),
    z.strictObject({
      mode: z.literal('retrieve'),
      run: z
        .boolean()
        .default(false)
        .describe('runs an action for real on the mapped samples of the steps before, with all that it does'),
    }),
  ])
  .meta({
    id: 'TakeSample',
    description:
      '`manual` takes the one that is given, `capture` waits for the next request to the webhook URL, `generate` makes ' +
      'one from what the operation says of its output, `retrieve` asks the real system: without changing anything there, ' +
      'where the operation offers that (`retrievesSample`), or, with `run`, by running the action.',
    example: { mode: 'manual', format: 'json', text: '{"petname": "Gromit", "petstatus": "sold"}' },
  });

export type TakeSample = z.output<typeof takeSampleBody>;

const pet = { petname: 'Gromit', petstatus: 'sold' };
const requestId = '0195b6a0f3c57d1e8a4b2c6d9e0f1a2b';
const expiresAt = timeField.describe('the next request until then becomes the sample');

const capture = z.object({ expiresAt }).meta({ id: 'SampleCapture' });

const sampleFields = {
  stepId: z.string(),
  source: z.enum(['manual', 'retrieved', 'generated', 'captured']).meta({ id: 'SampleSource' }),
  output: z.json().describe('what the step puts out'),
  updatedAt: timeField,
  requestId: z.string().nullable().describe('the request that it was captured from'),
};

const sampleExample = {
  stepId: 'step_1',
  source: 'captured',
  output: pet,
  updatedAt: '2026-01-31T12:00:00.000Z',
  requestId,
};

export const sampleSchema = z
  .object({ ...sampleFields, capture: capture.nullable().describe('while it waits for a request to take its place') })
  .meta({ id: 'Sample', example: { ...sampleExample, capture: null } });

export const capturingSchema = z
  .object({ status: z.literal('capturing'), expiresAt, webhookUrl: z.url().describe('send the request there') })
  .meta({
    id: 'SampleCapturing',
    example: {
      status: 'capturing',
      expiresAt: '2026-01-31T12:10:00.000Z',
      webhookUrl: 'https://hooks.example.com/hook/0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b',
    },
  });

export const takenSample = z.union([sampleSchema, capturingSchema]).meta({ id: 'TakenSample' });

const listedSample = z
  .object({
    ...sampleFields,
    elided: z.array(z.enum(['output'])).describe('what is left out here for its size; read the sample for it'),
  })
  .meta({ id: 'ListedSample', example: { ...sampleExample, elided: [] } });

export const sampleList = listOf(listedSample, 'SampleList');

export type Sample = z.output<typeof sampleSchema>;
export type TakenSample = z.output<typeof takenSample>;
export type SampleList = z.output<typeof sampleList>;
