/** A request as a person pasted it. */
export interface PastedRequest {
  headers: Record<string, string | string[]>;
  /** Of the request's first line, where that was pasted, too. */
  method: string | undefined;
  path: string | undefined;
  /** Lines that are no headers. */
  unread: string[];
}

const requestLine = /^([A-Z]{3,8}) (\S+)(?: HTTP\/[\d.]+)?$/;
/** What stands around a header in commands, logs and JSON. */
const wrapping = /^\s*(?:-H\s+|[<>]\s+)?["']?|["']?,?\s*\\?\s*$/g;
const headerLine = /^([!#$%&*+.^_`|~0-9A-Za-z-]+)["']?\s*:\s*["']?(.*)$/;

/**
 * Reads headers from a text with one in each line, as logs, browsers and `curl -v` or `-H` write them. A header that
 * comes twice has both values.
 */
export function readPastedHeaders(text: string): PastedRequest {
  const request: PastedRequest = { headers: {}, method: undefined, path: undefined, unread: [] };
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const first = requestLine.exec(line.trim());
    if (first) {
      [, request.method, request.path] = first;
      continue;
    }
    const [, name, value = ''] = headerLine.exec(line.replaceAll(wrapping, '')) ?? [];
    if (name === undefined) request.unread.push(line.trim());
    else addHeader(request.headers, name, value);
  }
  return request;
}

/** The bytes of a text, as base64. */
export function base64Of(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function addHeader(headers: PastedRequest['headers'], name: string, value: string): void {
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const next = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  // A header named `__proto__` is a header like any other.
  Object.defineProperty(headers, name, { value: next, enumerable: true, writable: true, configurable: true });
}
