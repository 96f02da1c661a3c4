import { AttachmentStoreError, type AttachmentStore } from '@millrace/attachments';
import {
  BodyAborted,
  bodyKindOf,
  decompress,
  decompressBuffer,
  isStreamed,
  readBuffered,
  readStreamed,
  type BodyFault,
  type BodyKind,
  type BodyLimits,
  type FileSink,
  type ReadBody,
  type StreamedKind,
} from '@millrace/bodies';
import type { AttachmentId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { databaseFault } from '@millrace/persistence';
import { refused, type Refusal } from '../answers/refusals.js';
import type { HookFlow } from '../flows/hook-flows.js';
import type { HookTrigger } from '../flows/hook-trigger.js';
import { ArrivalError, type ArrivalFault, type Arrivals } from './arrival.js';
import { headerOf, isBodyless, type Call } from './call.js';
import { judge, type Judged } from './judge.js';

export interface BodyDeps {
  arrivals: Pick<Arrivals, 'collect' | 'stream'>;
  attachments: Pick<AttachmentStore, 'store' | 'discard'>;
  limits: BodyLimits;
  logger: Logger;
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
const unavailable = refused('unavailable', { headers: { 'retry-after': '5' } });

/**
 * Reads the body of a call and, where the credential covers the body, judges the call by it before anything is made of
 * it. Files are stored as they come in, unless the bytes are needed whole: for a signature, or to be kept as sent.
 */
export async function readCallBody(
  deps: BodyDeps,
  call: Call,
  { flow, trigger }: { flow: HookFlow; trigger: HookTrigger },
): Promise<CallBody | Exclude<Judged, undefined>> {
  const { needsBody } = trigger.authenticate;
  const whole = needsBody || trigger.settings.keepRawBody;
  const bodyless = isBodyless(call);
  const contentType = headerOf(call, 'content-type');
  const kind = bodyKindOf({ method: call.method, contentType, empty: bodyless });
  const streamed = !whole && kind.ok && isStreamed(kind.kind);
  // Whoever has to prove who they are by the body learns nothing about it before.
  if (!needsBody && !kind.ok) return faultRefusal(kind.fault);

  const maxBytes = streamed ? maxStreamBytes(deps.limits, kind.kind) : deps.limits.maxBodyBytes;
  if (Number(headerOf(call, 'content-length') ?? 0) > maxBytes) return tooLarge(maxBytes);
  if (!bodyless && call.headers.expect !== undefined) call.response.writeContinue();
  const files = fileSink(deps, call, flow);
  if (streamed) {
    const source = deps.arrivals.stream(call.message, maxBytes);
    const started = decompress(headerOf(call, 'content-encoding'), source, { maxBytes });
    if (!started.ok) return faultRefusal(started.fault);
    return readFiles(deps, call, { kind: kind.kind as StreamedKind, content: started.content, files, maxBytes });
  }

  const bytes = bodyless ? empty : await deps.arrivals.collect(call.message, maxBytes);
  if (typeof bytes === 'string') return arrivalRefusal(bytes, maxBytes);
  call.bytes = bytes;
  const judged = needsBody ? judge(trigger, call, bytes) : undefined;
  if (judged) return judged;
  if (!kind.ok) return faultRefusal(kind.fault);
  const read = await readCollected(deps, call, { kind: kind.kind, bytes, files });
  if (read.outcome !== 'read' || !trigger.settings.keepRawBody) return read;
  const allBytes = read.json.length + bytes.length;
  if (allBytes <= maxTriggerBytes) return { ...read, raw: bytes };
  await discardFiles(deps, read.files);
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
  files: CollectingSink;
}

async function readCollected(
  deps: BodyDeps,
  call: Call,
  { kind, bytes, files }: Collected,
): Promise<CallBody | Refusal> {
  const { limits } = deps;
  const contentType = headerOf(call, 'content-type');
  const contentEncoding = headerOf(call, 'content-encoding');
  let content = bytes;
  if (contentEncoding !== undefined) {
    const decompressed = await decompressBuffer(contentEncoding, bytes, { maxBytes: limits.maxBodyBytes });
    if (!decompressed.ok) return faultRefusal(decompressed.fault);
    content = decompressed.bytes;
  }
  if (isStreamed(kind)) {
    return readFiles(deps, call, { kind, content: onlyChunk(content), files, maxBytes: limits.maxBodyBytes });
  }
  return bodyOf(readBuffered(kind, contentType, content, limits), []);
}

interface Streamed {
  kind: StreamedKind;
  content: AsyncIterable<Buffer>;
  files: CollectingSink;
  maxBytes: number;
}

async function readFiles(
  deps: BodyDeps,
  call: Call,
  { kind, content, files, maxBytes }: Streamed,
): Promise<CallBody | Refusal> {
  const result = await readStreamed(kind, headerOf(call, 'content-type'), content, {
    limits: deps.limits,
    files,
    contentDisposition: headerOf(call, 'content-disposition'),
  }).then(
    (read) => bodyOf(read, files.stored),
    (error: unknown) => brokenOff(deps, error, maxBytes),
  );
  if (result.outcome === 'refused') await discardFiles(deps, files.stored);
  return result;
}

function bodyOf(read: ReadBody, files: AttachmentId[]): CallBody | Refusal {
  return read.ok ? { outcome: 'read', json: read.json, raw: undefined, files } : faultRefusal(read.fault);
}

/** Says why the files of a call were not read to their end. */
function brokenOff({ logger }: BodyDeps, error: unknown, maxBytes: number): Refusal {
  if (error instanceof BodyAborted) {
    return arrivalRefusal(error.cause instanceof ArrivalError ? error.cause.fault : 'brokenOff', maxBytes);
  }
  if (!(error instanceof AttachmentStoreError) && databaseFault(error) === 'other') throw error;
  logger.warn({ err: error }, 'a file could not be stored');
  return unavailable;
}

function arrivalRefusal(fault: ArrivalFault, maxBytes: number): Refusal {
  switch (fault) {
    case 'tooLarge':
      return tooLarge(maxBytes);
    case 'timedOut':
      return refused('request_timeout', { message: 'The body came in too slowly.' });
    case 'noRoom':
      return refused('overloaded', { headers: { 'retry-after': '1' } });
    case 'brokenOff':
      return refused('malformed_request', { message: 'The connection ended before the body did.' });
  }
}

function faultRefusal(fault: BodyFault): Refusal {
  const { code, message, ...detail } = fault;
  return refused(code, { message, detail });
}

function tooLarge(limitBytes: number): Refusal {
  return refused('body_too_large', { message: `The body is larger than ${limitBytes} bytes.`, detail: { limitBytes } });
}

interface CollectingSink extends FileSink {
  readonly stored: AttachmentId[];
}

/** Where the files of a call go; remembers them, for the call may yet be refused. */
function fileSink({ attachments }: BodyDeps, call: Call, flow: HookFlow): CollectingSink {
  const stored: AttachmentId[] = [];
  return {
    stored,
    async store(file, content) {
      const { workspaceId } = flow;
      const reference = await attachments.store({ workspaceId, runId: call.runId, ...file }, content);
      stored.push(reference.id as AttachmentId);
      return reference;
    },
  };
}

async function* onlyChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const empty = Buffer.alloc(0);
