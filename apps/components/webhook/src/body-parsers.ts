import { TerminalError, type Json } from '@millrace/component-sdk';

/** Makes the output of the raw body. Throws a `TerminalError` in words when the body is not of its content type. */
export type BodyParser = (body: Buffer) => Json;

/** By media type, in lower case and without parameters. */
export const bodyParsers: ReadonlyMap<string, BodyParser> = new Map([['application/json', parseJson]]);

/** The parser for a content type; media types that end in `+json` are JSON. `undefined` when there is none. */
export function parserFor(contentType: string): BodyParser | undefined {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return bodyParsers.get(mediaType) ?? (mediaType.endsWith('+json') ? parseJson : undefined);
}

/** Any JSON value. Keys that could reach a prototype are refused, however they are written. */
function parseJson(body: Buffer): Json {
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
