import { findJsonFault, placeOf, type JsonFault } from '@millrace/platform';
import secureJson from 'secure-json-parse';
import type { BodyFault } from './body.js';

/** Deeper documents are attacks: they would exhaust the stack of whoever walks them, Postgres's parser included. */
export const maxJsonDepth = 500;

/**
 * Checks that a text is JSON that every later step can hold. Keys that would change prototypes are refused. Returns
 * the fault with line and column (from 1), `undefined` when there is none.
 */
export function checkJson(text: string): BodyFault | undefined {
  const tooDeepAt = placeBeyondDepth(text, maxJsonDepth);
  if (tooDeepAt !== undefined) {
    return bodyFault(placeOf(text, tooDeepAt, `The JSON is nested more than ${maxJsonDepth} levels deep`));
  }
  try {
    // Only its refusals matter: the body travels on as it came.
    secureJson.parse(text, null, { protoAction: 'error', constructorAction: 'error' });
    return undefined;
  } catch {
    const fault = findJsonFault(text);
    if (fault) return bodyFault({ ...fault, message: `The body is not valid JSON: ${fault.message}` });
    // It is JSON, so it was refused for a key. An escaped one is not found in the text as it stands.
    const key = /"(?:__proto__|constructor)"\s*:/.exec(text)?.index ?? 0;
    return bodyFault(placeOf(text, key, 'The JSON has a key that is not accepted: __proto__ or constructor.prototype'));
  }
}

function bodyFault({ message, line, column }: JsonFault): BodyFault {
  return { code: 'invalid_body', message: `${message} (line ${line}, column ${column}).`, line, column };
}

const quote = 0x22;
const backslash = 0x5c;

/** Where brackets outside of strings first nest deeper than `depth`; one pass, no recursion. */
function placeBeyondDepth(text: string, depth: number): number | undefined {
  // Each level takes an opening and a closing bracket.
  if (text.length <= depth) return undefined;
  let level = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      for (at += 1; at < text.length; at += 1) {
        const inner = text.charCodeAt(at);
        if (inner === backslash) at += 1;
        else if (inner === quote) break;
      }
    } else if (code === 0x5b || code === 0x7b) {
      level += 1;
      if (level > depth) return at;
    } else if (code === 0x5d || code === 0x7d) level -= 1;
  }
  return undefined;
}
