import { createHash, randomFillSync } from 'node:crypto';

/** Bytes that nobody can guess or compress. */
export function randomBytesOf(sizeBytes: number): Buffer {
  return randomFillSync(Buffer.allocUnsafe(sizeBytes));
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Gives bytes in pieces of the given sizes, over and over. A piece is overwritten when the next one is asked for. */
export async function* inPieces(bytes: Buffer, sizes: readonly number[] = [65_536]): AsyncGenerator<Buffer> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    const piece = Buffer.from(bytes.subarray(at, at + size));
    yield piece;
    piece.fill(0xff);
    at += size;
    // Other work gets its turn, as between pieces from a socket.
    if (index % 16 === 0) await new Promise(setImmediate);
  }
}

/** Gives bytes and then fails, as a sender does that goes away. */
export async function* breakingAfter(bytes: Buffer, error: Error): AsyncGenerator<Buffer> {
  yield* inPieces(bytes);
  throw error;
}

export async function collect(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
