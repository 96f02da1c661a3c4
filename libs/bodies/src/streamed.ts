import { BodyAborted, BodyFaultError, tooLarge } from './body-error.js';
import { fileTypeOf, parseContentType, type StreamedKind } from './content-type.js';
import { FileIntake } from './file-intake.js';
import { fileNameOf } from './file-name.js';
import { readMultipart } from './multipart.js';
import type { BodyLimits, FileSink, ReadBody } from './read-body.js';

export interface StreamOptions {
  limits: BodyLimits;
  files: FileSink;
  /** The header of the request, which may name the file. */
  contentDisposition?: string | undefined;
  /** Called for the bytes of fields before they are kept in memory; what it throws ends the reading. */
  reserve?: (bytes: number) => void;
}

/**
 * Reads a body while it comes in, with its `Content-Encoding` undone: `multipart` becomes an object of its fields, as
 * text, and files, as references; any other is `{ "file": … }`. Files go to the sink one after another, only as fast
 * as it takes them; no chunk of a file is kept.
 *
 * Rejects with `BodyAborted` when `source` throws, with the sink's own error when that cannot store, and with what
 * `reserve` throws. Whenever this does not resolve `ok: true`, the caller discards what its sink has stored for the request. On a fault the source is
 * left before its end, by `return()` on its iterator: hand in `request.iterator({ destroyOnReturn: false })` where the
 * connection must survive for the answer.
 */
export async function readStreamed(
  kind: StreamedKind,
  contentType: string | undefined,
  source: AsyncIterable<Buffer>,
  { limits, files, contentDisposition, reserve = () => undefined }: StreamOptions,
): Promise<ReadBody> {
  const { maxBodyBytes, maxFileBytes } = limits;
  const intake = new FileIntake(files, maxFileBytes);
  const content = unlessAborted(source);
  try {
    const json =
      kind === 'multipart'
        ? await readMultipart(parseContentType(contentType ?? '')?.boundary, content, { intake, maxBodyBytes, reserve })
        : JSON.stringify({
            file: await intake.store(
              { name: fileNameOf(contentDisposition), contentType: fileTypeOf(contentType) },
              content,
            ),
          });
    const bytes = Buffer.from(json);
    if (bytes.length > maxBodyBytes) return { ok: false, fault: tooLarge('The body as JSON', maxBodyBytes) };
    return { ok: true, json: bytes };
  } catch (error) {
    if (error instanceof BodyFaultError) return { ok: false, fault: error.fault };
    throw error;
  } finally {
    // A sink that failed may still wait for the next chunk, which may never come.
    content.return().catch(() => undefined);
  }
}

async function* unlessAborted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* source;
  } catch (error) {
    throw error instanceof BodyFaultError ? error : new BodyAborted(error);
  }
}
