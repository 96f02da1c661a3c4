import {
  bodyKindOf,
  decompressBuffer,
  isStreamed,
  readBuffered,
  type BodyKind,
  type BodyLimits,
  type BufferedKind,
} from '@millrace/bodies';
import type { RunId } from '@millrace/contracts';
import { refused, type Refusal } from '../answers/refusals.js';
import type { HookFlow } from '../flows/hook-flows.js';
import type { HookTrigger } from '../flows/hook-trigger.js';
import { ArrivalError, type Arrivals } from './arrival.js';
import { arrivalRefusal, faultRefusal, tooLarge } from './body-refusals.js';
import type { Hold } from './body-room.js';
import { heldBody, reserveIn, type CallBody } from './call-body.js';
import { headerOf, isBodyless, type Call } from './call.js';
import { judge, judgementOf, type Judged } from './judge.js';
import { readFiles, type FilesDeps } from './read-files.js';

export interface BodyDeps extends FilesDeps {
  arrivals: Pick<Arrivals, 'collect' | 'stream'>;
}

export interface BodyTarget {
  flow: Pick<HookFlow, 'workspaceId'>;
  /** The run that the files belong to, where it is not the one that the call begins. */
  filesOf?: RunId;
  trigger: HookTrigger;
  /** Whoever made it gives back what was taken. */
  hold: Hold;
}

/** What fits into a message with everything else: as the input of a step it grows to base64 at the most. */
const maxTriggerBytes = 11_000_000;
/** Between the files of a multipart body: names, types and boundaries. */
const multipartBytes = 1_000_000;

/**
 * Reads the body of a call and, where the credential covers the body, judges the call by it before anything is made of
 * it or said about it. Files are stored as they come in, unless the credential needs the bytes whole.
 */
export async function readCallBody(
  deps: BodyDeps,
  call: Call,
  { flow, filesOf = call.runId, trigger, hold }: BodyTarget,
): Promise<CallBody | Exclude<Judged, undefined>> {
  const { needsBody, begin } = trigger.authenticate;
  const keepsRaw = trigger.settings.keepRawBody;
  const bodyless = isBodyless(call);
  const contentType = headerOf(call, 'content-type');
  const kind = bodyKindOf({ method: call.method, contentType, empty: bodyless });
  // Whoever has to prove who they are by the body learns nothing about it before.
  if (!needsBody && !kind.ok) return faultRefusal(kind.fault);
  const owner = { workspaceId: flow.workspaceId, runId: filesOf };
  const files = kind.ok && isStreamed(kind.kind) ? { owner, kind: kind.kind, hold, keepsRaw } : undefined;
  const streamed = !needsBody || begin !== undefined ? files : undefined;

  const maxBytes = streamed ? maxStreamBytes(deps.limits, streamed.kind) : deps.limits.maxBodyBytes;
  const wholeFiles = files !== undefined && !streamed;
  if (Number(headerOf(call, 'content-length') ?? 0) > maxBytes) return tooLarge(maxBytes, wholeFiles);
  const begun = streamed && begin?.({ method: call.method, url: call.url, headers: call.headers });
  if (begun?.outcome === 'refused') return judgementOf(begun);
  if (!bodyless && call.headers.expect !== undefined) call.response.writeContinue();
  if (streamed) {
    const source = deps.arrivals.stream(call.message, maxBytes);
    return readFiles(deps, call, { ...streamed, source, maxBytes, pending: begun });
  }

  const bytes = bodyless ? empty : await deps.arrivals.collect(call.message, maxBytes, hold);
  if (typeof bytes === 'string') return arrivalRefusal(bytes, maxBytes, wholeFiles);
  call.bytes = bytes;
  const judged = needsBody ? judge(trigger, call, bytes) : undefined;
  if (judged) return judged;
  if (!kind.ok) return faultRefusal(kind.fault);
  if (files) return readFiles(deps, call, { ...files, source: onlyChunk(bytes), maxBytes, pending: undefined });
  const read = await readCollected(deps, call, { kind: kind.kind as BufferedKind | 'none', bytes, hold });
  if (read.outcome !== 'read' || !keepsRaw) return read;
  const allBytes = read.json.length + bytes.length;
  // Both go into one message.
  const full = allBytes <= maxTriggerBytes ? hold.take(allBytes) : undefined;
  if (allBytes <= maxTriggerBytes && !full) return { ...read, raw: bytes };
  if (full) return arrivalRefusal(full, maxBytes);
  const message = `The body as JSON (${read.json.length} bytes) and as sent (${bytes.length} bytes), which this webhook keeps, are together larger than ${maxTriggerBytes} bytes.`;
  return refused('body_too_large', { message });
}

function maxStreamBytes({ maxFileBytes }: BodyLimits, kind: BodyKind): number {
  return kind === 'multipart' ? maxFileBytes + multipartBytes : maxFileBytes;
}

interface Collected {
  kind: BufferedKind | 'none';
  bytes: Buffer;
  hold: Hold;
}

async function readCollected(
  { limits }: BodyDeps,
  call: Call,
  { kind, bytes, hold }: Collected,
): Promise<CallBody | Refusal> {
  const contentEncoding = headerOf(call, 'content-encoding');
  let content = bytes;
  if (contentEncoding !== undefined) {
    const decompressed = await undo(contentEncoding, bytes, { maxBytes: limits.maxBodyBytes, hold });
    if (!Buffer.isBuffer(decompressed)) return decompressed;
    content = decompressed;
  }
  return heldBody(readBuffered(kind, headerOf(call, 'content-type'), content, limits), hold, content);
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

async function* onlyChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const empty = Buffer.alloc(0);
