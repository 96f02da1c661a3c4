import { functionNames } from '@millrace/mapping';
import { isRecord } from '../../../../forms/json-schema.js';
import { inShort, type DataSource } from './data-tree.js';
import { nameExpression } from './expression-path.js';

/** What can be put where the cursor is. */
export interface Suggestion {
  label: string;
  /** Replaces the text from `from` to the cursor. */
  apply: string;
  /** The sample value, or what it is. */
  detail: string;
  kind: 'field' | 'function' | 'variable';
}

export interface Suggestions {
  from: number;
  items: Suggestion[];
}

const variableAtEnd = /\$[A-Za-z0-9_]*$/;
/** Names, indexes and dots that lead to the cursor; the last name may be unfinished, also in its backquotes. */
const pathAtEnd =
  /(?:\$[A-Za-z0-9_]*|[A-Za-z_]\w*|`[^`]*`)(?:\[\s*-?\d+\s*\]|\s*\.\s*(?:[A-Za-z_]\w*|`[^`]*`))*\s*\.\s*(`[^`]*|[A-Za-z_]\w*)?$/;
const nameAtEnd = /(?:^|[^\w`$."'])(`[^`]*|[A-Za-z_]\w*)$/;
const token = /\$[A-Za-z0-9_]*|[A-Za-z_]\w*|`[^`]*`|\[\s*-?\d+\s*\]/g;

/** What fits at the end of `before`, the expression up to the cursor. `asked` when the person wants to see everything. */
export function suggestionsAt(before: string, sources: readonly DataSource[], asked = false): Suggestions | undefined {
  if (isInText(before)) return undefined;
  const path = pathAtEnd.exec(before);
  if (path) {
    const typed = path[1] ?? '';
    const parent = path[0].slice(0, path[0].length - typed.length).replace(/\s*\.\s*$/, '');
    return { from: before.length - typed.length, items: members(valueOf(parent, sources)) };
  }
  const variable = variableAtEnd.exec(before);
  if (variable) return { from: variable.index, items: [...variables(sources), ...functions()] };
  const name = nameAtEnd.exec(before);
  if (!name && !asked) return undefined;
  const from = before.length - (name?.[1]?.length ?? 0);
  return { from, items: [...members(previousOf(sources)), ...variables(sources), ...functions()] };
}

/** The sample value that a path leads to. A list stands for its first item, as JSONata goes through all of them. */
function valueOf(path: string, sources: readonly DataSource[]): unknown {
  const [head = '', ...rest] = path.match(token) ?? [];
  let value: unknown;
  if (head === '$steps') {
    const stepId = unquoted(rest.shift() ?? '');
    if (stepId === '') return Object.fromEntries(sources.flatMap((source) => stepEntry(source)));
    value = sources.find((source) => stepIdOf(source) === stepId)?.value;
  } else if (head === '$request') value = sources.find(({ root }) => root.kind === 'request')?.value;
  else if (head === '$run') value = sources.find(({ root }) => root.kind === 'run')?.value;
  else {
    const previous = previousOf(sources);
    value = head === '$' ? previous : member(previous, unquoted(head));
  }
  for (const each of rest) {
    value = each.startsWith('[') ? item(value, Number(each.slice(1, -1))) : member(value, unquoted(each));
  }
  return value;
}

function members(value: unknown): Suggestion[] {
  const object = Array.isArray(value) ? (value[0] as unknown) : value;
  if (!isRecord(object)) return [];
  return Object.entries(object).map(([name, each]) => ({
    label: name,
    apply: name.includes('`') ? `$lookup($, ${JSON.stringify(name)})` : nameExpression(name),
    detail: inShort(each),
    kind: 'field',
  }));
}

function variables(sources: readonly DataSource[]): Suggestion[] {
  const known = [
    {
      label: '$steps',
      detail: 'outputs of all earlier steps',
      is: sources.some((source) => stepIdOf(source) !== undefined),
    },
    { label: '$request', detail: 'the request that set the flow off', is: true },
    { label: '$run', detail: 'ids and time of the run', is: true },
  ];
  return known
    .filter(({ is }) => is)
    .map(({ label, detail }) => ({ label, apply: label, detail, kind: 'variable' as const }));
}

function functions(): Suggestion[] {
  return [...functionNames]
    .toSorted()
    .map((name) => ({ label: `$${name}`, apply: `$${name}`, detail: 'function', kind: 'function' }));
}

function previousOf(sources: readonly DataSource[]): unknown {
  return sources.find(({ root }) => root.kind === 'previous')?.value;
}

/** The step before can be read by its id as well. Its id stands in its title only. */
function stepIdOf({ root, title }: DataSource): string | undefined {
  if (root.kind === 'step') return root.stepId;
  return root.kind === 'previous' ? /\(([^()]*)\)$/.exec(title)?.[1] : undefined;
}

function stepEntry(source: DataSource): [string, unknown][] {
  const id = stepIdOf(source);
  return id === undefined ? [] : [[id, source.value]];
}

function member(value: unknown, name: string): unknown {
  const object = Array.isArray(value) ? (value[0] as unknown) : value;
  return isRecord(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

function item(value: unknown, index: number): unknown {
  if (!Array.isArray(value)) return index === 0 ? value : undefined;
  return value.at(index) as unknown;
}

function unquoted(name: string): string {
  return name.startsWith('`') ? name.slice(1, -1) : name;
}

/** Whether the cursor is inside of a text or a comment. */
function isInText(before: string): boolean {
  let quote = '';
  for (let at = 0; at < before.length; at += 1) {
    const character = before[at] ?? '';
    if (quote === '*') {
      if (character === '*' && before[at + 1] === '/') quote = '';
    } else if (quote !== '') {
      if (character === '\\') at += 1;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '/' && before[at + 1] === '*') quote = '*';
    else if (character === '`') {
      const end = before.indexOf('`', at + 1);
      if (end === -1) return false;
      at = end;
    }
  }
  return quote !== '';
}
