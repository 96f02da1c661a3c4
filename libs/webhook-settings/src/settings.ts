import { z } from 'zod';
import { headerNamePattern, responseHeaders, responseStatus } from './response.js';

/** Methods that a webhook URL can take. OPTIONS is taken only where a flow names it, or answered by its CORS setting. */
export const hookMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type HookMethod = (typeof hookMethods)[number];

const defaultMethods: HookMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** An origin as browsers send it (RFC 6454), or `*` for every one. */
const origin = z.union([
  z.literal('*'),
  z
    .string()
    .regex(/^https?:\/\/[^\s/?#,]+$/, 'must be an origin such as https://shop.example, without a path')
    .transform((text) => text.toLowerCase()),
]);

const headerName = z.string().regex(headerNamePattern, 'must be the name of a header');

const cors = z.strictObject({
  origins: z.array(origin).min(1).describe('origins whose pages may call, or * for all'),
  allowedHeaders: z.array(headerName).default([]).describe('headers that pages may send besides the usual ones'),
  maxAgeSeconds: z.int().min(0).max(86_400).default(600).describe('how long a browser keeps the permission'),
});

const rateLimit = z.strictObject({
  requestsPerSecond: z.number().positive().max(100_000).describe('requests a second that are taken on average'),
  burst: z.int().min(1).max(100_000).optional().describe('requests taken at once; default is one second of the rate'),
});

const deduplicate = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(2_000)
    .meta({ format: 'expression' })
    .describe('expression over the output and $request; requests with the same value are the same request'),
  windowSeconds: z
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(86_400)
    .describe('how long a value is remembered'),
});

const fixedAnswer = z.strictObject({
  status: responseStatus.default(200),
  headers: responseHeaders.default({}),
  body: z.string().max(100_000).default('').describe('text of the answer'),
});

/** The configuration of the webhook component's trigger `receive`. Every field has a default. */
export const receiveSettingsSchema = z.strictObject({
  methods: z.array(z.enum(hookMethods)).min(1).default(defaultMethods).describe('methods that start a run'),
  cors: cors.optional().describe('lets pages of other origins call the webhook from a browser'),
  keepRawBody: z
    .boolean()
    .default(false)
    .describe('keep the body as it was sent, as $request.rawBody: text and encoding, or a file where files are sent'),
  answer: fixedAnswer.optional().describe('what callers get when their request was accepted'),
  replyTimeoutSeconds: z
    .number()
    .min(1)
    .max(120)
    .default(30)
    .describe('how long callers wait for the reply step of the flow'),
  rateLimit: rateLimit.optional().describe('requests above this rate are answered 429'),
  maxConcurrentRequests: z.int().min(1).max(10_000).optional().describe('requests above this number are answered 429'),
  deduplicate: deduplicate.optional().describe('requests that were sent twice run once'),
});

export type ReceiveSettings = z.output<typeof receiveSettingsSchema>;

/**
 * Reads the configuration of a `receive` step. Throws `TypeError` that names every wrong field, never its value: a
 * version that was published passed the same schema.
 */
export function readReceiveSettings(config: unknown): ReceiveSettings {
  const parsed = receiveSettingsSchema.safeParse(config ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`);
  throw new TypeError(`the settings of the webhook are wrong: ${faults.join('; ')}`);
}
