import { AttachmentStoreError, type AttachmentStore } from '@millrace/attachments';
import {
  BodyAborted,
  bodyKindOf,
  decompress,
  decompressBuffer,
  isStreamed,
  readBuffered,
  readStreamed,
  type BodyKind,
  type BodyLimits,
  type FileSink,
  type ReadBody,
  type StreamedKind,
} from '@millrace/bodies';
import type { AttachmentId, RunId, WorkspaceId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { databaseFault } from '@millrace/persistence';
import { refused, type Refusal } from '../answers/refusals.js';
import type { HookFlow } from '../flows/hook-flows.js';
import type { HookTrigger } from '../flows/hook-trigger.js';
import { ArrivalError, type Arrivals } from './arrival.js';
import { arrivalRefusal, faultRefusal, tooLarge } from './body-refusals.js';
import type { Hold } from './body-room.js';
import { headerOf, isBodyless, type Call } from './call.js';
import { judge, type Judged } from './judge.js';

export interface BodyDeps {
  arrivals: Pick<Arrivals, 'collect' | 'stream'>;
  attachments: Pick<AttachmentStore, 'store' | 'discard'>;
  limits: BodyLimits;
  /** What of a file is in memory at most while it is stored. */
  maxBufferedFileBytes: number;
  logger: Logger;
}

export interface BodyTarget {
  flow: Pick<HookFlow, 'workspaceId'>;
  /** The run that the files belong to, where it is not the one that the call begins. */
  filesOf?: RunId;
  trigger: HookTrigger;
  /** Whoever made it gives back what was taken. */
  hold: Hold;
}

/** A body that was read: the output of the trigger, and the body as it was sent where the flow keeps it. */
export interface CallBody {
  outcome: 'read';
  json: Buffer;
  raw: Buffer | undefined;
  /** Files of the call that were stored on the way. */
  files: AttachmentId[];
}

/** What fits into a message with everything else: as the input of a step it grows to base64 at the most. */
const maxTriggerBytes = 11_000_000;
/** Between the files of a multipart body: names, types and boundaries. */
const multipartBytes = 1_000_000;
/** What a body that is read as it comes in takes besides: the state of parsers and decompression. */
const streamBytes = 64 * 1024;
const unavailable = refused('unavailable', { headers: { 'retry-after': '5' } });

/**
 * Reads the body of a call and, where the credential covers the body, judges the call by it before anything is made of
 * it. Files are stored as they come in, unless the bytes are needed whole: for a signature, or to be kept as sent.
 */
export async function readCallBody(
  deps: BodyDeps,
  call: Call,
  { flow, filesOf = call.runId, trigger, hold }: BodyTarget,
): Promise<CallBody | Exclude<Judged, undefined>> {
  const { needsBody } = trigger.authenticate;
  const whole = needsBody || trigger.settings.keepRawBody;
  const bodyless = isBodyless(call);
  const contentType = headerOf(call, 'content-type');
  const kind = bodyKindOf({ method: call.method, contentType, empty: bodyless });
  const ofFiles = kind.ok && isStreamed(kind.kind);
  const streamed = !whole && ofFiles;
  // Whoever has to prove who they are by the body learns nothing about it before.
  if (!needsBody && !kind.ok) return faultRefusal(kind.fault);

  const maxBytes = streamed ? maxStreamBytes(deps.limits, kind.kind) : deps.limits.maxBodyBytes;
  if (Number(headerOf(call, 'content-length') ?? 0) > maxBytes) return tooLarge(maxBytes, whole && ofFiles);
  if (!bodyless && call.headers.expect !== undefined) call.response.writeContinue();
  const files = fileSink(deps, { workspaceId: flow.workspaceId, runId: filesOf });
  if (streamed) {
    const full = hold.take(streamBytes);
    if (full) return arrivalRefusal(full, maxBytes);
    const source = deps.arrivals.stream(call.message, maxBytes);
    const started = decompress(headerOf(call, 'content-encoding'), source, { maxBytes });
    if (!started.ok) return faultRefusal(started.fault);
    const content = counted(started.content, hold, deps.maxBufferedFileBytes);
    return readFiles(deps, call, { kind: kind.kind as StreamedKind, content, files, maxBytes, hold });
  }

  const bytes = bodyless ? empty : await deps.arrivals.collect(call.message, maxBytes, hold);
  if (typeof bytes === 'string') return arrivalRefusal(bytes, maxBytes, ofFiles);
  call.bytes = bytes;
  const judged = needsBody ? judge(trigger, call, bytes) : undefined;
  if (judged) return judged;
  if (!kind.ok) return faultRefusal(kind.fault);
  const read = await readCollected(deps, call, { kind: kind.kind, bytes, files, hold });
  if (read.outcome !== 'read' || !trigger.settings.keepRawBody) return read;
  const allBytes = read.json.length + bytes.length;
  // Both go into one message.
  const full = allBytes <= maxTriggerBytes ? hold.take(allBytes) : undefined;
  if (allBytes <= maxTriggerBytes && !full) return { ...read, raw: bytes };
  await discardFiles(deps, read.files);
  if (full) return arrivalRefusal(full, maxBytes);
  const message = `The body as JSON (${read.json.length} bytes) and as sent (${bytes.length} bytes), which this webhook keeps, are together larger than ${maxTriggerBytes} bytes.`;
  return refused('body_too_large', { message });
}

function maxStreamBytes({ maxFileBytes }: BodyLimits, kind: BodyKind): number {
  return kind === 'multipart' ? maxFileBytes + multipartBytes : maxFileBytes;
}

/** Forgets the files of a call that became nothing. Those that cannot be removed now stay behind. */
export async function discardFiles(
  { attachments, logger }: Pick<BodyDeps, 'attachments' | 'logger'>,
  files: readonly AttachmentId[],
): Promise<void> {
  if (files.length === 0) return;
  try {
    await attachments.discard(files);
  } catch (error) {
    logger.warn({ err: error, files: files.length }, 'files of a refused call could not be removed');
  }
}

interface Collected {
  kind: BodyKind;
  bytes: Buffer;
  hold: Hold;
  files: CollectingSink;
}

async function readCollected(
  deps: BodyDeps,
  call: Call,
  { kind, bytes, files, hold }: Collected,
): Promise<CallBody | Refusal> {
  const { limits } = deps;
  const contentType = headerOf(call, 'content-type');
  const contentEncoding = headerOf(call, 'content-encoding');
  let content = bytes;
  if (contentEncoding !== undefined) {
    const decompressed = await undo(contentEncoding, bytes, { maxBytes: limits.maxBodyBytes, hold });
    if (!Buffer.isBuffer(decompressed)) return decompressed;
    content = decompressed;
  }
  if (isStreamed(kind)) {
    return readFiles(deps, call, { kind, content: onlyChunk(content), files, maxBytes: limits.maxBodyBytes, hold });
  }
  return heldBody(readBuffered(kind, contentType, content, limits), { files: [], hold, from: content });
}

async function undo(
  contentEncoding: string,
  bytes: Buffer,
  { maxBytes, hold }: { maxBytes: number; hold: Hold },
): Promise<Buffer | Refusal> {
  try {
    const decompressed = await decompressBuffer(contentEncoding, bytes, { maxBytes, reserve: reserveIn(hold) });
    return decompressed.ok ? decompressed.bytes : faultRefusal(decompressed.fault);
  } catch (error) {
    if (error instanceof ArrivalError) return arrivalRefusal(error.fault, maxBytes);
    throw error;
  }
}

/** Takes room while something grows; throws `ArrivalError` when there is none. */
function reserveIn(hold: Hold): (bytes: number) => void {
  return (bytes) => {
    const full = hold.take(bytes);
    if (full) throw new ArrivalError(full);
  };
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

interface Streamed {
  kind: StreamedKind;
  content: AsyncIterable<Buffer>;
  files: CollectingSink;
  maxBytes: number;
  hold: Hold;
}

async function readFiles(
  deps: BodyDeps,
  call: Call,
  { kind, content, files, maxBytes, hold }: Streamed,
): Promise<CallBody | Refusal> {
  const result = await readStreamed(kind, headerOf(call, 'content-type'), content, {
    limits: deps.limits,
    files,
    contentDisposition: headerOf(call, 'content-disposition'),
    reserve: reserveIn(hold),
  }).then(
    (read) => heldBody(read, { files: files.stored, hold, from: undefined }),
    (error: unknown) => brokenOff(deps, error, maxBytes),
  );
  if (result.outcome === 'refused') await discardFiles(deps, files.stored);
  return result;
}

interface Held {
  files: AttachmentId[];
  hold: Hold;
  /** What the JSON may be a part of: then it takes no room of its own. */
  from: Buffer | undefined;
}

function heldBody(read: ReadBody, { files, hold, from }: Held): CallBody | Refusal {
  if (!read.ok) return faultRefusal(read.fault);
  const { json } = read;
  const full = json.buffer === from?.buffer ? undefined : hold.take(json.length);
  if (full) return arrivalRefusal(full, json.length);
  return { outcome: 'read', json, raw: undefined, files };
}

/** Says why the files of a call were not read to their end. */
function brokenOff({ logger }: BodyDeps, error: unknown, maxBytes: number): Refusal {
  if (error instanceof ArrivalError) return arrivalRefusal(error.fault, maxBytes);
  if (error instanceof BodyAborted) {
    return arrivalRefusal(error.cause instanceof ArrivalError ? error.cause.fault : 'brokenOff', maxBytes);
  }
  if (!(error instanceof AttachmentStoreError) && databaseFault(error) === 'other') throw error;
  logger.warn({ err: error }, 'a file could not be stored');
  return unavailable;
}

interface CollectingSink extends FileSink {
  readonly stored: AttachmentId[];
}

/** Where the files of a call go; remembers them, for the call may yet be refused. */
function fileSink({ attachments }: BodyDeps, owner: { workspaceId: WorkspaceId; runId: RunId }): CollectingSink {
  const stored: AttachmentId[] = [];
  return {
    stored,
    async store(file, content) {
      const reference = await attachments.store({ ...owner, ...file }, content);
      stored.push(reference.id as AttachmentId);
      return reference;
    },
  };
}

async function* onlyChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const empty = Buffer.alloc(0);
