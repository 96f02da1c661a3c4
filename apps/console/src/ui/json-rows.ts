import { pointerToken } from './json-pointer.js';

/** A line of a JSON value as a tree. */
export interface JsonRow {
  /** JSON pointer of the value; unique, and the key by which it is closed. */
  pointer: string;
  depth: number;
  /** The member's name or index; undefined at the root. */
  name: string | undefined;
  kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';
  /** The value as text; of an object or array how much it holds. */
  text: string;
  /** Whether it can be opened and closed. */
  opens: boolean;
}

/** Values longer than this are cut in their line; copying gives them whole. */
const longestText = 2_000;

/**
 * The lines that are visible of a value, in order. Walks without recursion, and not into what is closed, so that neither
 * depth nor size of a value from outside can hurt.
 */
export function jsonRows(value: unknown, closed: ReadonlySet<string>): JsonRow[] {
  const rows: JsonRow[] = [];
  const stack: { value: unknown; pointer: string; depth: number; name: string | undefined }[] = [
    { value, pointer: '', depth: 0, name: undefined },
  ];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { pointer, depth, name } = at;
    const members = membersOf(at.value);
    rows.push({ pointer, depth, name, ...wordsOf(at.value, members), opens: (members?.length ?? 0) > 0 });
    if (!members || closed.has(pointer)) continue;
    for (const [key, member] of members.toReversed()) {
      stack.push({ value: member, pointer: `${pointer}/${pointerToken(key)}`, depth: depth + 1, name: key });
    }
  }
  return rows;
}

/** Pointers of everything that opens below a depth: what is closed at first in a large value. */
export function pointersBelow(value: unknown, depth: number): Set<string> {
  const deep = jsonRows(value, new Set()).filter((row) => row.opens && row.depth >= depth);
  return new Set(deep.map(({ pointer }) => pointer));
}

/** The value as text to copy. */
export function jsonText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}

function membersOf(value: unknown): [string, unknown][] | undefined {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item as unknown]);
  if (typeof value === 'object' && value !== null) return Object.entries(value);
  return undefined;
}

function wordsOf(value: unknown, members: [string, unknown][] | undefined): Pick<JsonRow, 'kind' | 'text'> {
  const count = members?.length ?? 0;
  if (Array.isArray(value)) return { kind: 'array', text: count === 0 ? '[]' : `[ ${count} ]` };
  if (members) return { kind: 'object', text: count === 0 ? '{}' : `{ ${count} }` };
  if (typeof value === 'string') return { kind: 'string', text: cut(JSON.stringify(value)) };
  if (typeof value === 'number') return { kind: 'number', text: String(value) };
  if (typeof value === 'boolean') return { kind: 'boolean', text: String(value) };
  return { kind: 'null', text: 'null' };
}

function cut(text: string): string {
  return text.length <= longestText
    ? text
    : `${text.slice(0, longestText)}… (${text.length.toLocaleString('en')} characters)`;
}
