import { isUtf8 } from 'node:buffer';
import { findJsonFault, type JsonFault } from '@millrace/bodies';
import type { Json } from '@millrace/contracts';
import { problem } from './problems.js';

/** Far above any draft, far below what would exhaust the stack of whoever walks through the value. */
const maxDepth = 64;

/** What became of a text that should be JSON. */
export type JsonReading =
  | { outcome: 'read'; value: Json }
  | { outcome: 'broken'; fault: JsonFault }
  /** It is JSON, and holds what cannot be stored or passed on. */
  | { outcome: 'refused'; message: string };

/**
 * Reads the body of a request as JSON; an empty one is `undefined`. Throws 400 with line and column for what is not JSON,
 * and for what is but cannot be stored: too deep, keys that would reach a prototype, characters that Postgres refuses.
 */
export function readJsonBody(body: Buffer): Json | undefined {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw problem('invalid_json', { detail: 'The body is not valid UTF-8.' });
  const reading = readJsonText(body.toString('utf8'));
  if (reading.outcome === 'read') return reading.value;
  if (reading.outcome === 'refused') throw problem('invalid_request', { detail: reading.message });
  const { line, column, message } = reading.fault;
  throw problem('invalid_json', { detail: `Line ${line}, column ${column}: ${message}.`, extra: { line, column } });
}

/** Reads a text as JSON. Never throws; messages hold no part of the text but a forbidden name. */
export function readJsonText(text: string): JsonReading {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    const fault = findJsonFault(text) ?? { line: 1, column: 1, message: 'this is not JSON' };
    return { outcome: 'broken', fault };
  }
  const message = refusalOf(value);
  return message ? { outcome: 'refused', message } : { outcome: 'read', value };
}

const unstorable = /[\0\p{Surrogate}]/u;

/** Whether Postgres takes a text. */
export function isStorable(text: string): boolean {
  return !unstorable.test(text);
}

/**
 * Why the parameters of a query cannot be taken, if so: nothing is stored with a text that Postgres
 * refuses, so nothing can be meant by it. Names are not looked at: no parameter is called so.
 */
export function queryRefusal(query: unknown): string | undefined {
  if (typeof query !== 'object' || query === null) return undefined;
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    const texts = Array.isArray(value) ? (value as unknown[]) : [value];
    if (texts.every((text) => typeof text !== 'string' || isStorable(text))) continue;
    const named = isStorable(name) ? `\`${name}\`` : 'A parameter';
    return `${named} holds the character U+0000 or half of a surrogate pair: remove it.`;
  }
  return undefined;
}

/** Walks through the value without recursion, because its depth is the caller's choice. */
function refusalOf(root: unknown): string | undefined {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let item = open.pop(); item; item = open.pop()) {
    const { value, depth } = item;
    if (typeof value === 'string') {
      if (unstorable.test(value)) return 'A string holds the character U+0000 or half of a surrogate pair: remove it.';
      continue;
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= maxDepth) return `It is nested deeper than ${maxDepth} levels.`;
    for (const [key, member] of Object.entries(value)) {
      if (isForbiddenName(key)) return `“${key}” cannot be the name of a field.`;
      if (unstorable.test(key)) return 'A name holds the character U+0000 or half of a surrogate pair: remove it.';
      open.push({ value: member, depth: depth + 1 });
    }
  }
  return undefined;
}

/** Names that reach the prototype of an object in code that takes no care. */
export function isForbiddenName(name: string): boolean {
  return name === '__proto__' || name === 'constructor';
}
