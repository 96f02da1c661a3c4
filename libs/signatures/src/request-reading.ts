import type { RawRequest } from './authentication.js';
import type { Place } from './scheme.js';

/** A request together with its JSON body, which is parsed at most once and only if somebody asks. */
export interface RequestReading {
  request: RawRequest;
  json(): unknown;
}

export function readingOf(request: RawRequest): RequestReading {
  let parsed: { value: unknown } | undefined;
  return {
    request,
    json() {
      parsed ??= { value: parseJson(request.body) };
      return parsed.value;
    },
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** The values of a header, each as it was sent; empty ones do not count. */
export function headerValues(request: RawRequest, name: string): string[] {
  const value = request.headers[name];
  const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
  return values.filter((text) => text !== '');
}

/**
 * The values at a place, as byte strings: one character per byte, the way Node hands out headers. A header that is no
 * list gives one value per time it was sent, so that the caller can refuse a second one.
 */
export function valuesAt(place: Place, reading: RequestReading): string[] {
  if ('json' in place) {
    const value = memberAt(reading.json(), place.json);
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    return value === '' ? [] : [Buffer.from(String(value), 'utf8').toString('latin1')];
  }
  const { separator, prefix = '' } = place;
  let values = headerValues(reading.request, place.header);
  if (separator !== undefined) values = values.flatMap((text) => text.split(separator)).map((text) => text.trim());
  return values
    .filter((text) => text.startsWith(prefix) && text.length > prefix.length)
    .map((text) => text.slice(prefix.length));
}

/** Whether there is anything at a place, readable or not. */
export function isPresent(place: Place, reading: RequestReading): boolean {
  return 'json' in place ? valuesAt(place, reading).length > 0 : headerValues(reading.request, place.header).length > 0;
}

/** The member at a dotted path of a JSON value, own members of objects only. */
export function memberAt(value: unknown, path: string): unknown {
  let member = value;
  for (const key of path.split('.')) {
    if (typeof member !== 'object' || member === null || !Object.hasOwn(member, key)) return undefined;
    member = (member as Record<string, unknown>)[key];
  }
  return member;
}

/** The bytes of a byte string. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
