import { isUtf8 } from 'node:buffer';
import { findJsonFault, type ProblemError } from '@millrace/platform';
import { problem } from './problems.js';

/** Far above any draft, far below what would exhaust the stack of whoever walks through the value. */
const maxDepth = 64;

/**
 * Reads the body of a request as JSON; an empty one is `undefined`. Throws 400 with line and column for what is not JSON,
 * and for what is but cannot be stored: too deep, keys that would reach a prototype, characters that Postgres refuses.
 */
export function readJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw problem('invalid_json', { detail: 'The body is not valid UTF-8.' });
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw faultProblem(text);
  }
  const refusal = refusalOf(value);
  if (refusal) throw problem('invalid_request', { detail: refusal });
  return value;
}

function faultProblem(text: string): ProblemError {
  const { line, column, message } = findJsonFault(text) ?? { line: 1, column: 1, message: 'this is not JSON' };
  return problem('invalid_json', { detail: `Line ${line}, column ${column}: ${message}.`, extra: { line, column } });
}

const unstorable = /[\0\p{Surrogate}]/u;

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
    if (depth >= maxDepth) return `The body is nested deeper than ${maxDepth} levels.`;
    for (const [key, member] of Object.entries(value)) {
      if (key === '__proto__' || key === 'constructor') return `“${key}” cannot be the name of a field.`;
      if (unstorable.test(key)) return 'A name holds the character U+0000 or half of a surrogate pair: remove it.';
      open.push({ value: member, depth: depth + 1 });
    }
  }
  return undefined;
}
