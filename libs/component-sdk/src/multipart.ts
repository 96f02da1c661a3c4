import { randomBytes } from 'node:crypto';

/** One part of a `multipart/form-data` body: a field, or a file whose content is sent as it comes in. */
export type Part =
  | { name: string; value: string }
  | {
      name: string;
      filename: string;
      contentType?: string;
      content: Uint8Array | AsyncIterable<Uint8Array>;
      /** In bytes, where it is known: with the sizes of all files the body has a length, which some servers ask for. */
      size?: number;
    };

export interface MultipartBody {
  content: AsyncIterable<Uint8Array>;
  boundary: string;
  /** In bytes; `undefined` when the size of a file is not known. */
  length: number | undefined;
}

/** Makes a `multipart/form-data` body (RFC 7578), names written as browsers write them. */
export function multipartBody(parts: readonly Part[]): MultipartBody {
  const boundary = `millrace-${randomBytes(18).toString('base64url')}`;
  const heads = parts.map((part) => Buffer.from(headOf(part, boundary)));
  const end = Buffer.from(`--${boundary}--\r\n`);
  let length: number | undefined = end.length;
  for (const [index, part] of parts.entries()) {
    const size = sizeOf(part);
    length = length === undefined || size === undefined ? undefined : length + (heads[index]?.length ?? 0) + size + 2;
  }
  return { content: contentOf(parts, heads, end), boundary, length };
}

async function* contentOf(parts: readonly Part[], heads: readonly Buffer[], end: Buffer): AsyncGenerator<Uint8Array> {
  for (const [index, part] of parts.entries()) {
    yield heads[index] ?? Buffer.alloc(0);
    if ('value' in part) yield Buffer.from(part.value);
    else if (part.content instanceof Uint8Array) yield part.content;
    else yield* part.content;
    yield lineEnd;
  }
  yield end;
}

const lineEnd = Buffer.from('\r\n');

function headOf(part: Part, boundary: string): string {
  const lines = [`--${boundary}`];
  if ('value' in part) lines.push(`content-disposition: form-data; name="${quoted(part.name)}"`);
  else {
    lines.push(`content-disposition: form-data; name="${quoted(part.name)}"; filename="${quoted(part.filename)}"`);
    lines.push(`content-type: ${(part.contentType ?? 'application/octet-stream').replaceAll(/[\r\n]/g, '')}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function sizeOf(part: Part): number | undefined {
  if ('value' in part) return Buffer.byteLength(part.value);
  return part.content instanceof Uint8Array ? part.content.length : part.size;
}

/** A name can neither end its quotes nor its line. */
function quoted(text: string): string {
  return text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
