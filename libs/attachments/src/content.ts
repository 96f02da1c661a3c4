import { createHash } from 'node:crypto';
import type { WrittenBytes } from './attachment-bytes.js';

/** Content that is measured while it passes. */
export interface MeasuredContent {
  /** Passes the content on, without empty pieces; read once. */
  bytes(): AsyncGenerator<Buffer, void, undefined>;
  /** Size and hash of what has passed. */
  measured(): WrittenBytes;
  /** What `content` itself failed with, as opposed to whoever read it. */
  readonly failure: { error: unknown } | undefined;
}

/** Measures content while it passes. The content is ended when its reader stops, and its own failure is kept apart. */
export function measure(content: AsyncIterable<Buffer>): MeasuredContent {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let failure: { error: unknown } | undefined;

  async function* bytes(): AsyncGenerator<Buffer, void, undefined> {
    const iterator = content[Symbol.asyncIterator]();
    let ended = false;
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          ended = true;
          failure = { error };
          throw error;
        });
        ended = next.done === true;
        if (next.done) return;
        if (next.value.length === 0) continue;
        hash.update(next.value);
        sizeBytes += next.value.length;
        yield next.value;
      }
    } finally {
      if (!ended) await iterator.return?.();
    }
  }

  return {
    bytes,
    measured: () => ({ sizeBytes, sha256: hash.digest() }),
    get failure() {
      return failure;
    },
  };
}

/** A piece of content. Its bytes are good until the next piece is asked for. */
export interface Slice {
  bytes: Buffer;
  last: boolean;
}

/**
 * Cuts content anew: every slice but the last has `sliceBytes`, and the last may be empty only when the content is.
 * One buffer serves for all slices, so memory stays flat whatever sizes come in.
 */
export async function* slices(content: AsyncIterable<Buffer>, sliceBytes: number): AsyncGenerator<Slice> {
  let slice = nothing;
  let filled = 0;
  for await (const piece of content) {
    if (slice === nothing) slice = Buffer.allocUnsafeSlow(sliceBytes);
    for (let taken = 0; taken < piece.length;) {
      if (filled === sliceBytes) {
        yield { bytes: slice, last: false };
        filled = 0;
      }
      const copied = piece.copy(slice, filled, taken);
      taken += copied;
      filled += copied;
    }
  }
  yield { bytes: slice.subarray(0, filled), last: true };
}

const nothing = Buffer.alloc(0);

/** Ends content that may not have been read at all: a stream holds a socket or a file until it is destroyed. */
export async function endContent(content: AsyncIterable<Buffer>): Promise<void> {
  if ('destroy' in content && typeof content.destroy === 'function') content.destroy();
  else await content[Symbol.asyncIterator]().return?.();
}
