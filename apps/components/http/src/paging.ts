import { callHeaders, TerminalError, type AnswerOutput, type Json } from '@millrace/component-sdk';
import { createExpressions, dataExpression } from '@millrace/expressions';
import { z } from 'zod';
import { methods, targetOf, type Request } from './call.js';

/** One pool for all steps of the process: its processes start with the first expression that needs one. */
export const expressions = createExpressions();

export const pagingSettings = z.strictObject({
  next: dataExpression().describe(
    'JSONata expression over { status, headers, body, page, request } that gives the next request: its URL as a text, or ' +
      '{ url, method, query, headers, body } of which what is missing stays, query and headers are added. Nothing, null, false ' +
      'or an empty text ends it',
  ),
  maxPages: z.int().min(1).max(1_000).default(100).describe('pages that are asked for, at most'),
  emit: z.enum(['pages', 'items']).default('pages').describe('an output for each page, or for each item of it'),
  items: dataExpression()
    .default('body')
    .describe(
      'with `items`: JSONata expression over { status, headers, body, page, request } that gives the list of a page',
    ),
});
export type PagingSettings = z.output<typeof pagingSettings>;

/** What expressions see of one page. */
export type Page = AnswerOutput & {
  page: number;
  request: Omit<Request, 'headers'> & { headers: Record<string, string> };
};

const nextRequest = z.union([
  z.string(),
  z.strictObject({
    url: z.string().optional(),
    method: z.enum(methods).optional(),
    query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).optional(),
    headers: callHeaders.optional(),
    body: z.unknown().optional(),
  }),
]);

/** The request after a page; `undefined` when it was the last. */
export async function requestAfter(page: Page, paging: PagingSettings, seed: string): Promise<Request | undefined> {
  const given = await expressions.evaluate({
    name: 'The next request',
    expression: paging.next,
    data: page as unknown as Json,
    seed: `${seed}:${page.page}`,
  });
  if (given === undefined || given === null || given === false || given === '') return undefined;
  const parsed = nextRequest.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`).slice(0, 3);
    throw new TerminalError(
      `The next request must be a URL or { url, method, query, headers, body }: ${faults.join('; ')}`,
      {
        code: 'next_request_invalid',
      },
    );
  }
  const { request } = page;
  const change = typeof parsed.data === 'string' ? { url: parsed.data } : parsed.data;
  // A URL is whole: the query of the one before does not go on to it.
  const query = change.url === undefined ? { ...request.query, ...change.query } : { ...change.query };
  const next: Request = {
    method: change.method ?? request.method,
    url: change.url === undefined ? request.url : resolved(change.url, request.url),
    query,
    headers: { ...request.headers, ...change.headers },
    body: change.body === undefined ? request.body : (change.body as Json),
  };
  if (JSON.stringify(next) === JSON.stringify(request)) {
    throw new TerminalError('The next request is the one that was just made: the paging would never end.', {
      code: 'paging_repeats',
    });
  }
  if (targetOf(next.url).origin !== targetOf(request.url).origin) {
    throw new TerminalError(
      `The next request goes from ${targetOf(request.url).host} to ${targetOf(next.url).host}: pages come from one host.`,
      {
        code: 'paging_left_host',
      },
    );
  }
  return next;
}

/** The items of a page. A single one counts as a list of one, nothing as an empty one. */
export async function itemsOf(page: Page, paging: PagingSettings, seed: string): Promise<Json[]> {
  const data = page as unknown as Json;
  const evaluated = { name: 'The list of a page', expression: paging.items, data, seed: `${seed}:${page.page}` };
  const found = await expressions.evaluate(evaluated);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found : [found];
}

function resolved(url: string, base: string): string {
  if (!URL.canParse(url, base))
    throw new TerminalError('The URL of the next request is none.', { code: 'next_request_invalid' });
  return new URL(url, base).href;
}
