import type { ParsedExpression } from './expression.js';
import { parseFull } from './full.js';
import { parsePlain } from './plain.js';

/** Longer expressions are refused: they are programs, and parsing them takes noticeable time. */
export const maxExpressionLength = 20_000;

/**
 * Parses one expression of the mapping language, JSONata 2: https://docs.jsonata.org/. Literals and plain paths are
 * recognised first and need no sandbox.
 */
export function parseExpression(source: string): ParsedExpression {
  if (source.trim() === '') {
    const message = 'The expression is empty: give a path such as order.id, or a literal such as "sold".';
    return { ok: false, fault: { message, position: 0 } };
  }
  if (source.length > maxExpressionLength) {
    const message = `The expression has ${source.length} characters; at most ${maxExpressionLength} are allowed.`;
    return { ok: false, fault: { message, position: maxExpressionLength } };
  }
  const plain = parsePlain(source);
  return plain ? { ok: true, expression: plain } : parseFull(source);
}
