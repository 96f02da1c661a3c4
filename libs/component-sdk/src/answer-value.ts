import type { Json } from '@millrace/contracts';
import { z } from 'zod';
import { TerminalError } from './errors.js';
import type { HttpAnswer } from './http-answer.js';

/** How the body of an answer is read: `auto` by its content type. */
export const answerForms = ['auto', 'json', 'text', 'base64'] as const;
export type AnswerForm = (typeof answerForms)[number];

/** What a call of any address gave, as an output. */
export const answerOutput = z.object({
  status: z.number().describe('HTTP status'),
  headers: z
    .record(z.string(), z.string())
    .describe('headers by lower-case name; several of one name are joined by commas'),
  body: z.unknown().describe('JSON as its value, text as text, anything else as base64; null where there is none'),
  bodyType: z.enum(['none', 'json', 'text', 'base64']).describe('what the body is'),
});
export type AnswerOutput = z.output<typeof answerOutput> & { body: Json };

/**
 * An answer as an output. Throws a `TerminalError` when its body shall be JSON, or says that it is, and is not.
 */
export function answerValue(answer: HttpAnswer, form: AnswerForm = 'auto'): AnswerOutput {
  const { status, body } = answer;
  const headers: Record<string, string> = {};
  for (const name of Object.keys(answer.headers)) headers[name] = answer.header(name) ?? '';
  if (body.length === 0) return { status, headers, body: null, bodyType: 'none' };
  const bodyType = form === 'auto' ? typeOf(answer) : form;
  if (bodyType === 'base64') return { status, headers, body: body.toString('base64'), bodyType };
  if (bodyType === 'text') return { status, headers, body: answer.text(), bodyType };
  return { status, headers, body: answer.json(anyJson), bodyType };
}

const anyJson = z.unknown().transform((value) => value as Json);

function typeOf(answer: HttpAnswer): 'json' | 'text' | 'base64' {
  if ((answer.header('content-encoding') ?? 'identity') !== 'identity') return 'base64';
  const type = (answer.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (/^(?:application|text)\/(?:[\w.-]+\+)?json$/.test(type)) return 'json';
  if (/^text\/|^application\/(?:[\w.-]+\+)?xml$|^application\/(?:x-www-form-urlencoded|javascript)$/.test(type))
    return 'text';
  return type === '' && isText(answer.body) ? 'text' : 'base64';
}

function isText(body: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

/** Headers that belong to the connection and the form of the message, which no caller can set. */
const ownHeaders =
  /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*)$/i;

/** Headers that a user sets for a call. */
export const callHeaders: z.ZodType<Record<string, string>, Record<string, string>> = z.record(
  z
    .string()
    .max(200)
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not the name of a header')
    .refine((name) => !ownHeaders.test(name), 'cannot be set: it belongs to the connection'),
  z
    .string()
    .max(16_384)
    .regex(/^[\t\x20-\x7e\x80-\uffff]*$/, 'has characters that no header can have'),
);

/** What a redirect means to the step: it is not followed, for the next address was chosen by the peer. */
export function redirected(call: string, answer: HttpAnswer): TerminalError {
  const location = answer.header('location');
  const to = location === undefined || !URL.canParse(location) ? 'another address' : bare(location);
  return new TerminalError(
    `${call} answered ${answer.status} and points to ${to}: redirects are not followed, call that.`,
    {
      code: 'redirected',
      detail: { status: answer.status },
    },
  );
}

function bare(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
