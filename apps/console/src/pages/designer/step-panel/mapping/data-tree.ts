import { isRecord } from '../../../../forms/json-schema.js';
import { pathExpression, type PathRoot, type PathToken } from './expression-path.js';

/** Data that a step can read: the sample of an earlier step, the request, the run. */
export interface DataSource {
  root: PathRoot;
  /** "Webhook (step_1)". */
  title: string;
  value: unknown;
}

/** A line of the tree of all data. */
export interface DataRow {
  /** Unique among all. */
  id: string;
  depth: number;
  label: string;
  /** The value in short. */
  text: string;
  expression: string;
  opens: boolean;
}

const longestText = 80;
/** Items of a list beyond these look like them. */
const shownItems = 20;
/** A sample of 4 MiB has more members than anybody looks through. */
const mostRows = 2_000;
const deepest = 40;

/**
 * The lines of the tree that are visible, in order. Without a search the ones inside of what is closed are left out; with
 * one those remain whose name or value has it, and what they are inside of.
 */
export function dataRows(sources: readonly DataSource[], closed: ReadonlySet<string>, search = ''): DataRow[] {
  const wanted = search.trim().toLowerCase();
  return sources.flatMap((source) => {
    const rows = sourceRows(source, wanted === '' ? closed : new Set());
    return wanted === '' ? rows : found(rows, wanted);
  });
}

function sourceRows({ root, title, value }: DataSource, closed: ReadonlySet<string>): DataRow[] {
  const rows: DataRow[] = [];
  const stack: { tokens: PathToken[]; label: string; value: unknown }[] = [{ tokens: [], label: title, value }];
  for (let at = stack.pop(); at !== undefined && rows.length < mostRows; at = stack.pop()) {
    const { tokens, label } = at;
    const members = membersOf(at.value);
    const id = JSON.stringify([root, ...tokens]);
    const expression = pathExpression(root, tokens);
    rows.push({ id, depth: tokens.length, label, text: inShort(at.value), expression, opens: members.length > 0 });
    if (closed.has(id) || tokens.length >= deepest) continue;
    for (const [token, member] of members.toReversed()) {
      stack.push({ tokens: [...tokens, token], label: String(token), value: member });
    }
  }
  return rows;
}

/** Rows that fit, with those above them. */
function found(rows: readonly DataRow[], wanted: string): DataRow[] {
  const kept = new Set<DataRow>();
  const above: DataRow[] = [];
  for (const row of rows) {
    above.length = row.depth;
    above.push(row);
    const fits = row.label.toLowerCase().includes(wanted) || (!row.opens && row.text.toLowerCase().includes(wanted));
    if (fits) for (const each of above) kept.add(each);
  }
  return rows.filter((row) => kept.has(row));
}

function membersOf(value: unknown): [PathToken, unknown][] {
  if (Array.isArray(value)) return value.slice(0, shownItems).map((item, index) => [index, item as unknown]);
  return isRecord(value) ? Object.entries(value) : [];
}

/** A value in one short line. */
export function inShort(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 1 ? '1 item' : `${value.length} items`;
  if (isRecord(value)) {
    const { length } = Object.keys(value);
    return length === 1 ? '1 field' : `${length} fields`;
  }
  const text = JSON.stringify(value) ?? '';
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
