import { isRecord } from '../../../../forms/json-schema.js';

/** The value at a pointer (RFC 6901); undefined where there is none. */
export function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const token of tokensOf(pointer)) {
    if (Array.isArray(at)) at = at[Number(token)] as unknown;
    else if (isRecord(at) && Object.hasOwn(at, token)) at = at[token];
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
    const token = name.replaceAll('~', '~0').replaceAll('/', '~1');
    return [name, withoutLeaves(member, pointers, `${pointer}/${token}`)] as const;
  });
  return Object.fromEntries(members);
}

function tokensOf(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
