import type { RawRequest } from './authentication.js';
import { headerValues } from './request-reading.js';

/** Whether the request says that its body is an HTML form without files. */
export function isForm(request: RawRequest): boolean {
  const types = headerValues(request, 'content-type');
  return types.length === 1 && /^application\/x-www-form-urlencoded *(?:;|$)/i.test(types[0] ?? '');
}

/**
 * The fields of a form as Twilio signs them: sorted by name, each name directly followed by its value, no byte between
 * them; of several values of one name each counts once, in order. Works on bytes, so that bodies which are not UTF-8
 * do not fall together.
 */
export function sortedForm(body: Buffer): Buffer {
  const values = new Map<string, Set<string>>();
  for (const pair of body.toString('latin1').split('&')) {
    if (pair === '') continue;
    const end = pair.indexOf('=');
    const name = decode(end === -1 ? pair : pair.slice(0, end));
    const value = end === -1 ? '' : decode(pair.slice(end + 1));
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  const pieces = [...values.keys()]
    .sort()
    .flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value));
  return Buffer.from(pieces.join(''), 'latin1');
}

/** Percent-decodes a byte string to a byte string. What is no escape stays as it is. */
function decode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
