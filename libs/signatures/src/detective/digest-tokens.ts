import type { RawRequest } from '../authentication.js';
import { decodeBase64, decodeHex } from '../keys.js';
import { headerValues } from '../request-reading.js';

/** A text in a header that has the length of an HMAC. */
export interface DigestToken {
  header: string;
  /** What goes before the digest in the header. */
  prefix: string;
  encoding: 'hex' | 'base64';
  algorithm: 'sha1' | 'sha256' | 'sha512';
}

const algorithmBySize = new Map<number, DigestToken['algorithm']>([
  [20, 'sha1'],
  [32, 'sha256'],
  [64, 'sha512'],
]);

/** Headers that never carry a signature of the request. */
const elsewhere = new Set([
  'cookie',
  'host',
  'user-agent',
  'content-length',
  'content-type',
  'traceparent',
  'tracestate',
]);
const mostTokens = 16;

/** What in the headers looks like a digest, with or without a prefix such as `sha256=`, `v1,` or `HMAC `. */
export function digestTokens(request: RawRequest): DigestToken[] {
  const tokens: DigestToken[] = [];
  for (const header of Object.keys(request.headers)) {
    const [value, second] = headerValues(request, header);
    if (value === undefined || second !== undefined || value.length > 300 || elsewhere.has(header)) continue;
    const [prefix = ''] = /^[A-Za-z][A-Za-z0-9_-]{0,19}[=,: ] ?(?=.)/.exec(value) ?? [];
    const token = tokenOf(header, '', value) ?? tokenOf(header, prefix, value.slice(prefix.length));
    if (token) tokens.push(token);
  }
  return tokens.slice(0, mostTokens);
}

function tokenOf(header: string, prefix: string, text: string): DigestToken | undefined {
  const hex = algorithmBySize.get(decodeHex(text)?.length ?? 0);
  if (hex) return { header, prefix, encoding: 'hex', algorithm: hex };
  const base64 = text.length % 4 === 0 ? algorithmBySize.get(decodeBase64(text)?.length ?? 0) : undefined;
  return base64 && { header, prefix, encoding: 'base64', algorithm: base64 };
}
