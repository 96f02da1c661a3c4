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
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => changedPlaces(before[name], after[name], `${pointer}/${token(name)}`));
  }
  return [pointer];
}

export function isSameJson(one: unknown, other: unknown): boolean {
  return changedPlaces(one, other).length === 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function token(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
