import type { AttachmentId } from '@millrace/contracts';

/** Where the bytes of attachments are: one driver for Postgres, one for S3-compatible stores, one conformance suite. */
export interface AttachmentBytes {
  /** Stores all of `content`; resolves with its size once it is durable. Rejects without leaving a part behind that could be read. */
  write(id: AttachmentId, content: AsyncIterable<Buffer>): Promise<{ sizeBytes: number; sha256: Buffer }>;
  /** The exact bytes in order; rejects at once when there is no such attachment. */
  read(id: AttachmentId): Promise<AsyncIterable<Buffer>>;
  /** Safe to repeat. */
  remove(id: AttachmentId): Promise<void>;
}
