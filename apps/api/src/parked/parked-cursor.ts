import { parseId } from '@millrace/contracts';
import type { ParkedPlace } from '@millrace/persistence';
import { isMicrosecondTime } from '../http/fields.js';
import { problem } from '../http/problems.js';

/** A place in the list as callers carry it from page to page. */
export function parkedCursor({ parkedAt, id }: ParkedPlace): string {
  return `${parkedAt}_${id}`;
}

/** The place that a cursor stands for; throws 400 when it is none of ours. */
export function parkedPlace(cursor: string): ParkedPlace {
  const [parkedAt = '', rawId = '', ...rest] = cursor.split('_');
  const id = parseId<string>(rawId);
  if (id && rest.length === 0 && isMicrosecondTime(parkedAt)) return { parkedAt, id };
  throw problem('invalid_request', { detail: '`cursor` must be the `nextCursor` of the page before.' });
}
