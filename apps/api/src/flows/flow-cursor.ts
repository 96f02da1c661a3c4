import { parseId, type FlowId } from '@millrace/contracts';
import type { FlowOrder, FlowPlace } from '@millrace/persistence';
import { cursorId, isMicrosecondTime } from '../http/fields.js';
import { isStorable } from '../http/json-body.js';
import { problem } from '../http/problems.js';

/** A place in a list of flows as a cursor: the id, and what orders it where that is something else. */
export function flowCursor({ id, value }: FlowPlace): string {
  return value === undefined ? id : Buffer.from(JSON.stringify([id, value])).toString('base64url');
}

/** The place that a cursor stands for in a list of this order. Throws 400 when it is none of it. */
export function flowPlace(cursor: string, order: FlowOrder): FlowPlace {
  const id = order === 'newest' ? cursorId<FlowId>(cursor) : undefined;
  if (id) return { id };
  const place = placeIn(cursor);
  if (place && (order === 'name' ? isStorable(place.value) : isMicrosecondTime(place.value))) return place;
  throw problem('invalid_request', { detail: '`cursor` must be the `nextCursor` of the page before.' });
}

function placeIn(cursor: string): { id: FlowId; value: string } | undefined {
  try {
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown;
    if (!Array.isArray(parts) || typeof parts[0] !== 'string' || typeof parts[1] !== 'string') return undefined;
    const id = parseId<FlowId>(parts[0]);
    return id && { id, value: parts[1] };
  } catch {
    return undefined;
  }
}
