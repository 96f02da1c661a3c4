import { z } from 'zod';

/** What the engine makes of a call that resumed a step. When nobody called in time all but `timedOut` is null. */
export const resumeOutput = z.object({
  method: z.string().nullable().describe('HTTP method of the call'),
  path: z.string().nullable().describe('what follows the resume URL'),
  query: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .nullable()
    .describe('parameters of the query'),
  headers: z.record(z.string(), z.string()).nullable().describe('headers, without those that carry credentials'),
  contentType: z.string().nullable().describe('content type of the body'),
  body: z.unknown().describe('the value of the body, as of a webhook'),
  timedOut: z.boolean().describe('whether nobody called in time'),
  requestId: z.string().nullable().describe('id of the call, as its sender got it'),
});
