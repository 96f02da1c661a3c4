import { isRecord } from '../../../forms/json-schema.js';
import { pointerToken } from '../../../ui/json-pointer.js';

/**
 * JSON pointers of what differs between two JSON values; empty when they are the same. A member that is `undefined` counts as
 * missing. Arrays of different lengths differ as a whole.
 */
export function changedPlaces(before: unknown, after: unknown, pointer = ''): string[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return [pointer];
    return before.flatMap((item, at) => changedPlaces(item, after[at], `${pointer}/${at}`));
  }
  if (isRecord(before) && isRecord(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => changedPlaces(before[name], after[name], `${pointer}/${pointerToken(name)}`));
  }
  return [pointer];
}

export function isSameJson(one: unknown, other: unknown): boolean {
  return changedPlaces(one, other).length === 0;
}
