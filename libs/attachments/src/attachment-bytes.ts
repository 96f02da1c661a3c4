import type { Readable } from 'node:stream';
import type { AttachmentId } from '@millrace/contracts';

/** A part of an attachment: the positions of its first and its last byte, both within it. */
export interface ByteRange {
  from: number;
  to: number;
}

/** What was written. */
export interface WrittenBytes {
  sizeBytes: number;
  sha256: Buffer;
}

/** Where the bytes of attachments are: one driver for Postgres, one for S3-compatible stores, one conformance suite. */
export interface AttachmentBytes {
  /**
   * Stores all of `content`; resolves once it is durable. Rejects with the error of `content`, as it is, or with an
   * error of the place, and leaves no part behind that could be read. Ends `content` in any case. An id is written once.
   * The bytes of a piece are good until the next one is asked for.
   */
  write(id: AttachmentId, content: AsyncIterable<Buffer>): Promise<WrittenBytes>;
  /**
   * The exact bytes in order; rejects at once when there is no such attachment. Whoever does not read to the end
   * destroys the stream.
   */
  read(id: AttachmentId, range?: ByteRange): Promise<Readable>;
  /** Safe to repeat. */
  remove(id: AttachmentId): Promise<void>;
}
