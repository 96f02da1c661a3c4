import type { FileReference } from '@millrace/contracts';
import fc from 'fast-check';
import type { FileSink } from './read-body.js';

/** Bytes in pieces of the given sizes, which repeat. A piece is overwritten when the next one is asked for. */
export async function* inPieces(bytes: Buffer, sizes: readonly number[] = [bytes.length]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let piece = 0; at < bytes.length; piece += 1) {
    const end = at + Math.max(1, sizes[piece % sizes.length] ?? 1);
    const chunk = Buffer.from(bytes.subarray(at, end));
    yield await Promise.resolve(chunk);
    chunk.fill(0xff);
    at = end;
  }
}

export const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });

/** Bytes in which the pieces of a boundary are frequent. */
export const trickyBytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom('\r', '\n', '\r\n', '-', '--', '\r\n--', '\r\n--bound', 'bound', 'x')
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 10 }).map((array) => Buffer.from(array)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

export interface StoredFile {
  name: string;
  contentType: string;
  bytes: Buffer;
}

/** A sink that keeps what it stores. */
export function memorySink(): FileSink & { stored: StoredFile[] } {
  const stored: StoredFile[] = [];
  return {
    stored,
    async store(file, content) {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(Buffer.from(chunk));
      const bytes = Buffer.concat(chunks);
      stored.push({ ...file, bytes });
      return reference(file, bytes.length);
    },
  };
}

export function reference(file: { name: string; contentType: string }, size: number): FileReference {
  return { id: 'f', ...file, size, url: 'https://files.example/f' };
}

/** The source of a request, and whether its reader left it. */
export function watchedSource(chunks: Iterable<Buffer>) {
  const state = { read: 0, left: false, bytes: 0 };
  async function* source(): AsyncGenerator<Buffer> {
    try {
      for (const chunk of chunks) {
        state.read += 1;
        state.bytes += chunk.length;
        yield await Promise.resolve(chunk);
      }
    } finally {
      state.left = true;
    }
  }
  return { state, source: source() };
}
