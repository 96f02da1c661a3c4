import { TerminalError, type Json } from '@millrace/component-sdk';

/**
 * The value of a body, which is JSON whatever content type was sent. Throws a `TerminalError` in words when it is not, and when
 * it has keys that could reach a prototype, however they are written.
 */
export function readJsonBody(body: Buffer): Json {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new TerminalError('The body is not UTF-8', { code: 'body_unreadable' });
  }
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw new TerminalError(`The body is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`, {
      code: 'body_unreadable',
    });
  }
  // Only a text in which one of these words occurs, or is spelt with escapes, is worth a search.
  if (/__proto__|constructor|\\u/.test(text)) refusePrototypeKeys(value);
  return value;
}

function refusePrototypeKeys(root: Json): void {
  // A stack instead of recursion: a body may be nested deeper than the call stack is.
  const left: Json[] = [root];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) {
      const reachesPrototype =
        Object.hasOwn(value, '__proto__') ||
        (Object.hasOwn(value, 'constructor') && Object.hasOwn(Object(value['constructor']), 'prototype'));
      if (reachesPrototype) {
        throw new TerminalError('The body has a key "__proto__" or "constructor.prototype", which is not taken', {
          code: 'body_unreadable',
        });
      }
    }
    for (const member of Object.values(value)) left.push(member);
  }
}
