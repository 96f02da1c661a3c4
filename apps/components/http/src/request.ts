import { action, answerForms, answerOutput, callHeaders, type Json } from '@millrace/component-sdk';
import { z } from 'zod';
import { makeCall, methods, type CallSettings, type Request } from './call.js';
import { credentialFields } from './credential.js';
import { itemsOf, pagingSettings, requestAfter, type Page } from './paging.js';

/** With what else is in an output below what a step may emit. */
const maxAnswerBytes = 10 * 1024 * 1024;

const config = z.object({
  bodyType: z
    .enum(['json', 'form', 'text', 'base64'])
    .default('json')
    .describe(
      'how the body is sent: as JSON, as the fields of a form, as text, or as the bytes that it is the base64 of',
    ),
  answerType: z
    .enum(answerForms)
    .default('auto')
    .describe('how the body of the answer is read; `auto` goes by its content type'),
  successStatuses: z
    .array(z.string().regex(/^[2-5](?:xx|\d\d)$/, 'must be a status such as 404, or 2xx'))
    .min(1)
    .default(['2xx'])
    .describe('statuses that count as success, such as 2xx or 404; any other fails the step'),
  timeoutSeconds: z.int().min(1).max(300).default(30).describe('how long one answer may take'),
  idempotencyHeader: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'is not the name of a header')
    .optional()
    .describe(
      'header in which the target takes an idempotency key, such as Idempotency-Key; the same for every attempt of the step',
    ),
  paging: pagingSettings.optional().describe('asks for the pages that follow'),
});

const input = z.object({
  method: z.enum(methods).default('GET').describe('HTTP method'),
  url: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).describe('address to call'),
  query: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .default({})
    .describe('parameters that are added to the address'),
  headers: callHeaders.default({}).describe('headers, by name; secrets belong into the credential'),
  body: z.unknown().optional().describe('what is sent; nothing where it is null or missing'),
});

const output = z.union([
  answerOutput.extend({ page: z.number().describe('number of the page, from 1') }),
  z.object({
    item: z.unknown().describe('with paging by items: the item'),
    index: z.number().describe('its place over all pages, from 0'),
    page: z.number().describe('number of its page, from 1'),
  }),
]);

/** Makes any request, page by page where that is set. */
export const request = action({
  title: 'Request',
  description: 'Makes any HTTP request. The output is the answer, or each of its pages or items.',
  credential: credentialFields,
  needsCredential: false,
  idempotency: 'none',
  config,
  input,
  output,
  async *run({ input, config, credential, idempotencyKey, http, logger }) {
    const { paging, timeoutSeconds, idempotencyHeader } = config;
    const settings: CallSettings = { ...config, timeoutMs: timeoutSeconds * 1_000, maxBytes: maxAnswerBytes };
    let next: Request | undefined = { ...input, body: input.body as Json | undefined };
    let index = 0;
    for (let page = 1; next; page += 1) {
      const current: Request = next;
      const key = page === 1 ? idempotencyKey : `${idempotencyKey}:${page}`;
      const headers = idempotencyHeader === undefined ? {} : { [idempotencyHeader]: key };
      const sent = { ...current, headers: { ...current.headers, ...headers } };
      const answer = await makeCall(http, { request: sent, settings, credential });
      const seen: Page = { ...answer, page, request: current };
      if (paging?.emit === 'items') {
        for (const item of await itemsOf(seen, paging, idempotencyKey)) yield { item, index: index++, page };
      } else yield { ...answer, page };
      next = paging && (await requestAfter(seen, paging, idempotencyKey));
      if (next && page === paging?.maxPages) {
        logger.warn(`There are more than the ${page} pages that are asked for`);
        return;
      }
    }
  },
});
