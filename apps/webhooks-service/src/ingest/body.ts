import { isUtf8 } from 'node:buffer';
import { checkJson } from './json.js';

/** Why a body cannot be taken. */
export type BodyFault =
  | { code: 'unsupported_media_type'; message: string }
  | { code: 'invalid_body'; message: string; line?: number; column?: number };

const jsonType = /^application\/(?:json|[a-z0-9!#$&^_.+-]+\+json)$/;

/**
 * Checks a body against its content type: the one place that decides what a content type means. `undefined` when the
 * body can be taken; it is then passed on as it is.
 */
export function checkBody(contentType: string, body: Buffer): BodyFault | undefined {
  const mediaType = contentType.replace(/;.*$/s, '').trim().toLowerCase();
  if (!jsonType.test(mediaType)) {
    const found =
      mediaType === '' ? 'The request has no content type' : `This webhook does not take ${printable(mediaType)}`;
    return { code: 'unsupported_media_type', message: `${found}: send application/json.` };
  }
  if (!isUtf8(body)) {
    return { code: 'invalid_body', message: 'The body is not valid UTF-8, and JSON must be (RFC 8259 §8.1).' };
  }
  return checkJson(body.toString('utf8'));
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
