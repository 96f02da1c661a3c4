import { createHash } from 'node:crypto';
import { decompress, fileTypeOf, readStreamed, type BodyLimits, type StreamedKind } from '@millrace/bodies';
import type { FileReference } from '@millrace/contracts';
import type { PendingAuthentication } from '@millrace/signatures';
import type { Refusal } from '../answers/refusals.js';
import { arrivalRefusal, faultRefusal } from './body-refusals.js';
import type { Hold } from './body-room.js';
import { heldBody, reserveIn, type CallBody } from './call-body.js';
import { headerOf, type BodyDigest, type Call } from './call.js';
import { handover } from './handover.js';
import { judgementOf, type Judged } from './judge.js';
import {
  brokenOff,
  callFiles,
  discardFiles,
  type CallFiles,
  type FilesOwner,
  type StoredFilesDeps,
} from './stored-files.js';
import { WatchedBody } from './watched-body.js';

export interface FilesDeps extends StoredFilesDeps {
  limits: BodyLimits;
  /** What of a file is in memory at most while it is stored. */
  maxBufferedFileBytes: number;
}

/** A body of files. */
export interface ComingFiles {
  owner: FilesOwner;
  kind: StreamedKind;
  /** The body as it was sent. The bytes of a piece are good until the next one is asked for. */
  source: AsyncIterable<Buffer>;
  maxBytes: number;
  hold: Hold;
  /** Of a call that is judged by its body while that comes in. */
  pending: PendingAuthentication | undefined;
  keepsRaw: boolean;
}

type FilesResult = CallBody | Exclude<Judged, undefined>;

/** What a body that is read as it comes in takes besides: the state of parsers and decompression, the piece at hand. */
const streamBytes = 128 * 1024;

/**
 * Stores the files of a body while it comes in. Where the credential covers the body, its bytes are judged meanwhile, and
 * what there is to say about it waits for its end: a caller who has not proved who they are learns nothing. What was
 * stored for a call that becomes nothing is discarded before this resolves or rejects.
 */
export async function readFiles(deps: FilesDeps, call: Call, coming: ComingFiles): Promise<FilesResult> {
  const { owner, kind, maxBytes, hold, keepsRaw } = coming;
  // A file that is sent as it is is its own raw body.
  const copies = keepsRaw && (kind === 'multipart' || headerOf(call, 'content-encoding') !== undefined);
  const full = hold.take(streamBytes + (copies ? deps.maxBufferedFileBytes : 0));
  if (full) return arrivalRefusal(full, maxBytes);
  const files = callFiles(deps, owner);
  const copy = copies ? rawCopy(call, files) : undefined;
  let result: FilesResult | undefined;
  try {
    result = await readJudged(deps, call, { ...coming, files, copy });
    if (result.outcome === 'read') {
      if (keepsRaw) result.rawFile = copy ? await copy.stored() : files.stored[0];
      result.files = files.stored;
    }
  } catch (error) {
    result = undefined;
    result = brokenOff(deps, error, maxBytes);
  } finally {
    if (result?.outcome !== 'read') {
      await copy?.drop();
      await discardFiles(deps, files.stored);
    }
  }
  return result;
}

interface ReadingFiles extends ComingFiles {
  files: CallFiles;
  copy: RawCopy | undefined;
}

/** Rejects with what ended the reading, but for faults of the body. */
async function readJudged(deps: FilesDeps, call: Call, reading: ReadingFiles): Promise<FilesResult> {
  const { source, maxBytes, copy } = reading;
  const pending = reading.pending && digesting(reading.pending);
  const body = new WatchedBody(source, { pending, copy: copy && ((piece) => copy.give(piece)) });
  try {
    const read = await readContent(deps, call, reading, body).catch((error: unknown) =>
      brokenOff(deps, error, maxBytes),
    );
    if (!pending || isShed(read)) return read;
    // The signature covers what was left unread, too. That the body did not come in whole is said to everyone.
    await body.drain();
    call.digest = pending.digest();
    return judgementOf(pending.end()) ?? read;
  } finally {
    body.close().catch(() => undefined);
  }
}

/** Also says what a record shows of the body. */
function digesting(pending: PendingAuthentication) {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    update(piece: Buffer): void {
      pending.update(piece);
      hash.update(piece);
      bytes += piece.length;
    },
    end: () => pending.end(),
    digest: (): BodyDigest => ({ bytes, sha256: hash.digest() }),
  };
}

/** A process that has no room for a call does not read it to its end. */
function isShed(read: CallBody | Refusal): boolean {
  return read.outcome === 'refused' && (read.code === 'overloaded' || read.code === 'too_many_requests');
}

async function readContent(
  { limits, maxBufferedFileBytes }: FilesDeps,
  call: Call,
  { kind, maxBytes, hold, files }: ReadingFiles,
  body: WatchedBody,
): Promise<CallBody | Refusal> {
  const started = decompress(headerOf(call, 'content-encoding'), body, { maxBytes });
  if (!started.ok) return faultRefusal(started.fault);
  const content = counted(started.content, hold, maxBufferedFileBytes);
  const read = await readStreamed(kind, headerOf(call, 'content-type'), content, {
    limits,
    files,
    contentDisposition: headerOf(call, 'content-disposition'),
    reserve: reserveIn(hold),
  });
  return heldBody(read, hold);
}

/** What of a file waits to be stored is no more than what has come in. */
async function* counted(source: AsyncIterable<Buffer>, hold: Hold, maxBytes: number): AsyncGenerator<Buffer> {
  const reserve = reserveIn(hold);
  let left = maxBytes;
  for await (const chunk of source) {
    const bytes = Math.min(chunk.length, left);
    if (bytes > 0) reserve(bytes);
    left -= bytes;
    yield chunk;
  }
}

/** The body as it was sent, on its way into a file of its own. */
interface RawCopy {
  give(piece: Buffer): Promise<void>;
  /** After the last piece: the file. */
  stored(): Promise<FileReference>;
  /** There will be no file. */
  drop(): Promise<void>;
}

function rawCopy(call: Call, files: CallFiles): RawCopy {
  const pieces = handover();
  const contentType = fileTypeOf(headerOf(call, 'content-type'));
  const storing = files.store({ name: 'body', contentType }, pieces.content);
  // Heard by whoever asks for the file; until then the pieces are read on, and go nowhere.
  const left = (): void => pieces.left();
  storing.then(left, left);
  return {
    give: (piece) => pieces.give(piece),
    stored() {
      pieces.end();
      return storing;
    },
    async drop() {
      pieces.end(new Error('The call was refused.'));
      await storing.catch(() => undefined);
    },
  };
}
