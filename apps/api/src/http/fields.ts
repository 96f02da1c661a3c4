import { parseId, type StepId } from '@millrace/contracts';
import { z } from 'zod';
import { problem } from './problems.js';

/** An id of nothing: UUIDv7 never yields it. */
const noId = '00000000-0000-0000-0000-000000000000';

/**
 * An id in a path, with or without dashes. A malformed one is taken for one that does not exist, so that it is answered
 * 404 like any other.
 */
export function idParam<Id extends string>(what: string): z.ZodType<Id, string> {
  return z
    .string()
    .describe(`id of the ${what}, with or without dashes`)
    .transform((text) => parseId<Id>(text) ?? (noId as Id));
}

/** The id of a step in a path. What can be none is taken for one that does not exist. */
export const stepIdParam = z
  .string()
  .describe('id of the step')
  .transform((text) => (/^\w{1,63}$/.test(text) ? text : '') as StepId);

/** An id in a query or a body, with or without dashes. */
export function idField<Id extends string>(what: string): z.ZodType<Id, string> {
  return z
    .string()
    .describe(`id of the ${what}, with or without dashes`)
    .transform((text, context) => {
      const id = parseId<Id>(text);
      if (id) return id;
      context.addIssue({ code: 'custom', message: 'is not an id' });
      return z.NEVER;
    });
}

export const maxNameLength = 200;

/** A name that people give: one line, without spaces at its ends. */
export const nameField = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(maxNameLength, `must have at most ${maxNameLength} characters`)
  .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

/** What every list takes: how many, and where the last page ended. */
export const pageFields = {
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('how many at most'),
  cursor: z.string().optional().describe('`nextCursor` of the page before'),
};

/** The id that a cursor stands for; throws 400 when it is none of ours. */
export function cursorId<Id extends string>(cursor: string | undefined): Id | undefined {
  if (cursor === undefined) return undefined;
  const id = parseId<Id>(cursor);
  if (!id) throw problem('invalid_request', { detail: '`cursor` must be the `nextCursor` of the page before.' });
  return id;
}

/** The shape of every list; without an id it is to be extended. */
export function listOf<Item extends z.ZodType>(item: Item, id?: string) {
  const list = z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('ask the next page with it; null on the last one'),
  });
  return id === undefined ? list : list.meta({ id });
}

/** A time in answers: ISO 8601 in UTC. */
export const timeField = z.iso.datetime();

/** A time in queries: a moment, or a day as its beginning in UTC. */
export const timeQuery = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 time, such as 2026-01-31T12:00:00Z')
  // Ids hold no time before 1970; beyond the year 9999, where an offset may lead, ISO 8601 has no form that is read everywhere.
  .transform((text) => new Date(Math.min(Math.max(0, Date.parse(text)), lastTimeMs)));

const lastTimeMs = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether a text is a time as Postgres tells it to us: in UTC with microseconds, of a day that there is. */
export function isMicrosecondTime(text: string): boolean {
  if (!/^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text)) return false;
  const timeMs = Date.parse(text);
  // The 31st of February is read as a day of March.
  return !Number.isNaN(timeMs) && new Date(timeMs).toISOString().slice(0, 19) === text.slice(0, 19);
}

/** The answer to a field that fits its schema, and still cannot be taken. */
export function refusedField(pointer: string, code: string, message: string): ReturnType<typeof problem> {
  const detail = `\`${pointer.slice(1)}\` ${message}`;
  return problem('validation_failed', { detail, extra: { problems: [{ pointer, code, message }] } });
}
