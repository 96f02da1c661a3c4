import { isRecord } from '../../../../forms/json-schema.js';
import { pointerNames, pointerToken } from '../../../../ui/json-pointer.js';

/** The value at a pointer (RFC 6901); undefined where there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const name of pointerNames(pointer)) {
    if (Array.isArray(at)) at = at[Number(name)] as unknown;
    else if (isRecord(at) && Object.hasOwn(at, name)) at = at[name];
    else return undefined;
  }
  return at;
}

/** The same JSON with `null` at the pointers, so that what is beside them can be looked at. */
export function withoutLeaves(value: unknown, pointers: ReadonlySet<string>, pointer = ''): unknown {
  if (pointers.has(pointer)) return null;
  if (Array.isArray(value)) return value.map((item, at) => withoutLeaves(item, pointers, `${pointer}/${at}`));
  if (!isRecord(value)) return value;
  const members = Object.entries(value).map(([name, member]) => {
    return [name, withoutLeaves(member, pointers, `${pointer}/${pointerToken(name)}`)] as const;
  });
  return Object.fromEntries(members);
}
