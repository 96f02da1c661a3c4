import { isUtf8 } from 'node:buffer';
import secureJson from 'secure-json-parse';
import { refuse } from './body-error.js';
import { decodeText, withoutUtf8Mark } from './charset.js';
import { maxDepth, placeBeyondDepth } from './json-depth.js';
import { findJsonFault, placeOf, type JsonFault } from './json-fault.js';

/**
 * JSON text in UTF-8, byte for byte as it came when it came in UTF-8, but for a byte order mark. Throws
 * `BodyFaultError` when it is not JSON that every later step can hold.
 */
export function readJson(bytes: Buffer, charset: string | undefined): Buffer {
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    const text = decodeText(bytes, charset);
    refuseBadJson(text);
    return Buffer.from(text);
  }
  if (!isUtf8(bytes)) refuse('The body is not valid UTF-8, and JSON must be unless its content type names a charset');
  const json = withoutUtf8Mark(bytes);
  refuseBadJson(json.toString('utf8'));
  return json;
}

function refuseBadJson(text: string): void {
  const fault = checkJson(text);
  if (fault) refuse(fault.message, fault);
}

/**
 * Checks that a text is JSON that every later step can hold. Keys that would change prototypes are refused. Returns
 * the fault with line and column (from 1), `undefined` when there is none.
 */
export function checkJson(text: string): JsonFault | undefined {
  const tooDeepAt = placeBeyondDepth(text, maxDepth);
  if (tooDeepAt !== undefined) {
    return placeOf(text, tooDeepAt, `The JSON is nested more than ${maxDepth} levels deep`);
  }
  try {
    // Only their refusals matter: the body travels on as it came.
    if (suspicious(text)) secureJson.parse(text, null, { protoAction: 'error', constructorAction: 'error' });
    else JSON.parse(text);
    const hugeAt = text.search(perhapsHuge);
    if (hugeAt === -1 || !hasHugeNumber(text)) return undefined;
    return placeOf(text, hugeAt, 'The JSON has a number that is too large, beyond 1.8e308');
  } catch {
    const fault = findJsonFault(text);
    if (fault) return { ...fault, message: `The body is not valid JSON: ${fault.message}` };
    // It is JSON, so it was refused for a key. An escaped one is not found in the text as it stands.
    const key = /"(?:__proto__|constructor)"\s*:/.exec(text)?.index ?? 0;
    return placeOf(text, key, 'The JSON has a key that is not accepted: __proto__ or constructor.prototype');
  }
}

/** Such texts may have a number that no program holds: it would be read as infinite, which JSON cannot say. */
const perhapsHuge = /\d[eE]\+?\d{3}|\d{309}/;

function hasHugeNumber(text: string): boolean {
  let huge = false;
  JSON.parse(text, (_key, value: unknown) => {
    huge ||= typeof value === 'number' && !Number.isFinite(value);
    return null;
  });
  return huge;
}

/** Only such texts can have a key that changes prototypes; an escape may spell one. */
function suspicious(text: string): boolean {
  return text.includes('__proto__') || text.includes('constructor') || text.includes('\\u');
}
