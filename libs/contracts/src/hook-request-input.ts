import { isUtf8 } from 'node:buffer';
import type { JsonObject } from './json.js';
import type { HookRequest, HookRequestInput, RawBody } from './trigger-message.js';

/** Below this, escaping cannot bring a message near its largest size: a byte takes six characters at the most. */
const largeBytes = 1_000_000;

/**
 * Wraps a request as the input of a trigger step. Text stays readable; base64 is used where the body is not UTF-8, or
 * where it is large and escaping it as a JSON string would make it longer than base64 does (4 bytes for 3), which
 * keeps the largest accepted body below the broker's message size.
 */
export function hookRequestInput(request: HookRequest, body: Buffer): HookRequestInput {
  const { method, path, query, headers, contentType } = request;
  const json = jsonBody(request, body);
  const readable = isUtf8(json) && (json.length < largeBytes || escapedLength(json) * 3 <= json.length * 4);
  return {
    method,
    path,
    query,
    headers,
    contentType,
    body: json.toString(readable ? 'utf8' : 'base64'),
    bodyEncoding: readable ? 'utf8' : 'base64',
  };
}

/** The JSON at the beginning of a trigger message's body. */
export function jsonBody({ rawBodyBytes = 0 }: Pick<HookRequest, 'rawBodyBytes'>, body: Buffer): Buffer {
  return rawBodyBytes === 0 ? body : body.subarray(0, body.length - rawBodyBytes);
}

/** `$request`: what mappings may read of a request, with the body as it was sent where the flow keeps it. */
export function requestContext(request: HookRequest, body: Buffer): JsonObject {
  const { method, path, query, headers, contentType, rawBodyBytes, rawBodyFile } = request;
  const context: JsonObject = { method, path, query, headers, contentType };
  if (rawBodyFile) return { ...context, rawBody: { file: rawBodyFile } satisfies RawBody };
  if (rawBodyBytes === undefined) return context;
  const raw = body.subarray(body.length - rawBodyBytes);
  const encoding = isUtf8(raw) ? 'utf8' : 'base64';
  return { ...context, rawBody: { text: raw.toString(encoding), encoding } satisfies RawBody };
}

/** The JSON of a request that came as the input of a trigger step. */
export function hookRequestBody(input: HookRequestInput): Buffer {
  return Buffer.from(input.body, input.bodyEncoding);
}

function escapedLength(body: Buffer): number {
  let length = body.length;
  // Indexed, not `for … of`, which takes twice as long over a Buffer.
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === 0x22 || byte === 0x5c || byte === 0x0a || byte === 0x0d || byte === 0x09) length += 1;
    else if (byte < 0x20) length += 5;
  }
  return length;
}
