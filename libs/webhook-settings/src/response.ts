import { z } from 'zod';

/** Statuses whose answers have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
export function hasNoContent(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** A final status: 1xx are not answers. With some the answer has no body, see `hasNoContent`. */
export const responseStatus = z.int().min(200).max(599).describe('HTTP status of the answer');

/** The name of a header (RFC 9110 §5.6.2), of a sensible length. */
export const headerNamePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
// Visible characters, spaces and tabs (RFC 9110 §5.5): no line break that would begin another header.
const value = /^[\t\x20-\x7e\x80-\xff]{0,4096}$/;

/** Headers that belong to the connection, or keep browsers safe from what a flow answers: a flow cannot set them. */
const reserved = new Set([
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'alt-svc',
  'clear-site-data',
  'connection',
  'content-encoding',
  'content-length',
  'content-security-policy',
  'content-security-policy-report-only',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'public-key-pins',
  'server',
  'service-worker-allowed',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-content-type-options',
  'x-millrace-request-id',
  'x-request-id',
]);

/** Why a header cannot be in the answer of a flow; `undefined` when it can. */
export function headerFault(name: string, text: string): string | undefined {
  if (!headerNamePattern.test(name)) return `“${name.slice(0, 100)}” is not the name of a header`;
  if (reserved.has(name.toLowerCase())) return `a flow cannot set the header ${name}`;
  if (!value.test(text)) return `the value of ${name} has characters that a header cannot have, or is too long`;
  return undefined;
}

/** Headers that the answer of a flow sets, by lower-case name. */
export const responseHeaders = z
  .record(z.string(), z.string())
  .superRefine((headers, context) => {
    if (Object.keys(headers).length > 50) context.addIssue({ code: 'custom', message: 'at most 50 headers' });
    for (const [name, text] of Object.entries(headers)) {
      const fault = headerFault(name, text);
      if (fault) context.addIssue({ code: 'custom', path: [name], message: fault });
    }
  })
  .describe('headers of the answer');
