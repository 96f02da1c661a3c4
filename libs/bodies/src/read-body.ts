import type { FileReference } from '@millrace/contracts';

/** Why a body cannot be taken. Never holds a part of the body. */
export type BodyFault =
  | { code: 'unsupported_media_type' | 'unsupported_encoding'; message: string }
  | { code: 'body_too_large'; message: string; limitBytes: number }
  | { code: 'invalid_body'; message: string; line?: number; column?: number };

export interface BodyLimits {
  /**
   * Of a body that is read into memory: as sent, decompressed, and as the JSON that it becomes, so that what was taken
   * fits into a message whatever its type.
   */
  maxBodyBytes: number;
  /** Of one file, and of all files of a request together. */
  maxFileBytes: number;
}

/** Where files go while they come in. */
export interface FileSink {
  /**
   * Resolves once the file is durable; rejects when it cannot be stored. Reads `content` to its end or destroys it. The
   * bytes of a piece are good until the next one is asked for.
   */
  store(file: { name: string; contentType: string }, content: AsyncIterable<Buffer>): Promise<FileReference>;
}

/** A body that was read. */
export type ReadBody =
  /** `json` is JSON text in UTF-8: the output of the trigger. */
  { ok: true; json: Buffer } | { ok: false; fault: BodyFault };
