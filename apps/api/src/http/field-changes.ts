import { isDeepStrictEqual } from 'node:util';
import type { Json } from '@millrace/contracts';
import type { FieldChange } from '@millrace/persistence';

/** The fields of `after` that were something else before. Give none that is secret. */
export function fieldChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, Json | undefined>>,
): FieldChange[] {
  return Object.entries(after).flatMap(([field, value]) => {
    const old = before[field] as Json | undefined;
    if (value === undefined || isDeepStrictEqual(old, value)) return [];
    return [{ field, ...(old !== undefined && { before: old }), after: value }];
  });
}
