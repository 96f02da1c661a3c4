import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { BodyFaultError, invalidBody, tooLarge } from './body-error.js';
import type { BodyFault } from './read-body.js';

export interface DecompressLimits {
  /** Of what comes out. */
  maxBytes: number;
  /** How many times larger than what came in, once more than 1 MiB came out. */
  maxRatio?: number;
}

export interface DecompressBufferLimits extends DecompressLimits {
  /** Called for what comes out before it is kept, and for the memory of the decompression itself; what it throws ends it. */
  reserve?: (bytes: number) => void;
}

type Coding = 'gzip' | 'deflate' | 'br';

const codings = new Map<string, Coding>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
]);
const maxCodings = 2;
const freeBytes = 1024 * 1024;
/** Window and buffers of one decompression (zlib: 32 KiB and two of 16 KiB; brotli grows with what comes out). */
const engineBytes = 64 * 1024;

/**
 * Undoes a `Content-Encoding` while the bytes flow; `source` is read only as fast as `content` is. `content` throws
 * `BodyFaultError` for what is broken, goes on after its end, or grows beyond the limits: no more than one chunk
 * beyond them is ever in memory. What `source` throws comes through as it is. The bytes of a piece of `source` need to
 * be good only until the next one is asked for.
 */
export function decompress(
  contentEncoding: string | undefined,
  source: AsyncIterable<Buffer>,
  limits: DecompressLimits,
): Decompressing {
  // Decompression reads behind the back of who hands the bytes in.
  return begin(contentEncoding, source, { limits, keep: (piece) => Buffer.from(piece) });
}

type Decompressing = { ok: true; content: AsyncIterable<Buffer> } | { ok: false; fault: BodyFault };

/** `keep` makes of a piece one that stays good. */
function begin(
  contentEncoding: string | undefined,
  source: AsyncIterable<Buffer>,
  { limits, keep }: { limits: DecompressLimits; keep?: (piece: Buffer) => Buffer },
): Decompressing {
  const applied = readCodings(contentEncoding);
  if (!applied) {
    const message = `The content encoding is not taken: send gzip, deflate or br, ${maxCodings} of them at most, or none.`;
    return { ok: false, fault: { code: 'unsupported_encoding', message } };
  }
  if (applied.length === 0) return { ok: true, content: source };
  const sent = new CountedSource(source, keep);
  // They are named in the order in which they were applied.
  const content = applied.reduceRight<AsyncIterable<Buffer>>(
    (inner, coding) => undo(coding, { inner, sent, limits }),
    sent,
  );
  return { ok: true, content };
}

/**
 * Undoes the `Content-Encoding` of bytes that are in memory, within the same limits. What is empty stays empty. Rejects
 * with what `reserve` throws.
 */
export async function decompressBuffer(
  contentEncoding: string | undefined,
  bytes: Buffer,
  { reserve, ...limits }: DecompressBufferLimits,
): Promise<{ ok: true; bytes: Buffer } | { ok: false; fault: BodyFault }> {
  if (contentEncoding === undefined) return { ok: true, bytes };
  const started = begin(contentEncoding, onlyChunk(bytes), { limits });
  if (!started.ok) return started;
  try {
    const chunks = [];
    reserve?.(engineBytes);
    for await (const chunk of started.content) {
      reserve?.(chunk.length);
      chunks.push(chunk);
    }
    return { ok: true, bytes: Buffer.concat(chunks) };
  } catch (error) {
    if (error instanceof BodyFaultError) return { ok: false, fault: error.fault };
    throw error;
  }
}

/** `undefined` when there are too many, or one that is not known. */
function readCodings(contentEncoding: string | undefined): Coding[] | undefined {
  const names = (contentEncoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  const applied: Coding[] = [];
  for (const name of names) {
    if (name === '' || name === 'identity') continue;
    const coding = codings.get(name);
    if (!coding) return undefined;
    applied.push(coding);
  }
  return applied.length > maxCodings ? undefined : applied;
}

interface Undoing {
  inner: AsyncIterable<Buffer>;
  /** What came over the wire, whatever lies between. */
  sent: CountedSource;
  limits: DecompressLimits;
}

async function* undo(coding: Coding, { inner, sent, limits }: Undoing): AsyncGenerator<Buffer, void, undefined> {
  const { maxBytes, maxRatio = 100 } = limits;
  const input = new CountedSource(inner);
  const beginning = await input.take(2);
  if (beginning.length === 0) return;
  const engine = engineOf(coding, beginning);
  // Its failures reach the reader of the engine.
  pipeline(input, engine, () => undefined);
  let bytesOut = 0;
  try {
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      bytesOut += chunk.length;
      if (bytesOut > maxBytes) throw new BodyFaultError(tooLarge('The decompressed body', maxBytes));
      const allowed = Math.max(freeBytes, sent.bytes * maxRatio);
      if (bytesOut > allowed) throw new BodyFaultError(tooLarge('The decompressed body, for what was sent,', allowed));
      yield chunk;
    }
  } catch (error) {
    if (error instanceof BodyFaultError || input.failed) throw error;
    throw new BodyFaultError(invalidBody('The compressed body is broken or incomplete'));
  } finally {
    // Also ends the reading of the source.
    engine.destroy();
  }
  if (engine.bytesWritten !== input.bytes) {
    throw new BodyFaultError(invalidBody('The compressed body has more bytes after its end'));
  }
}

function engineOf(coding: Coding, beginning: Buffer) {
  if (coding === 'gzip') return createGunzip();
  if (coding === 'br') return createBrotliDecompress();
  // Senders mean either of two formats by “deflate”; the header of zlib (RFC 1950 §2.2) tells them apart.
  const [first = 0, second = 0] = beginning;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0 ? createInflate() : createInflateRaw();
}

/** Counts what flows, and remembers whether it broke off. */
class CountedSource implements AsyncIterable<Buffer> {
  bytes = 0;
  failed = false;
  private taken: Buffer = Buffer.alloc(0);
  private iterator: AsyncIterator<Buffer> | undefined;

  constructor(
    private readonly source: AsyncIterable<Buffer>,
    private readonly kept = (piece: Buffer): Buffer => piece,
  ) {}

  /** At least the first `count` bytes, if there are as many; they flow all the same. */
  async take(count: number): Promise<Buffer> {
    while (this.taken.length < count) {
      const next = await this.next();
      if (next === undefined) break;
      this.taken = Buffer.concat([this.taken, next]);
    }
    return this.taken;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    try {
      if (this.taken.length > 0) yield this.taken;
      for (let next = await this.next(); next !== undefined; next = await this.next()) yield next;
    } finally {
      await this.iterator?.return?.();
    }
  }

  private async next(): Promise<Buffer | undefined> {
    try {
      this.iterator ??= this.source[Symbol.asyncIterator]();
      const result = await this.iterator.next();
      if (result.done === true) return undefined;
      this.bytes += result.value.length;
      return this.kept(result.value);
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }
}

async function* onlyChunk(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  if (bytes.length > 0) yield bytes;
}
