import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyFaultError } from './body-error.js';
import { decompress, decompressBuffer } from './content-coding.js';
import { inPieces, pieceSizes, watchedSource } from './streams.fixture.js';

const limits = { maxBytes: 10_000_000 };

async function undo(encoding: string | undefined, bytes: Buffer, sizes?: readonly number[]) {
  const started = decompress(encoding, inPieces(bytes, sizes), limits);
  if (!started.ok) throw new BodyFaultError(started.fault);
  const chunks = [];
  for await (const chunk of started.content) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const compressors: [string, (bytes: Buffer) => Buffer][] = [
  ['gzip', gzipSync],
  ['X-GZIP', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['identity', (bytes) => bytes],
  ['gzip, br', (bytes) => brotliCompressSync(gzipSync(bytes))],
  ['deflate ,identity, gzip', (bytes) => gzipSync(deflateRawSync(bytes))],
];

describe('a compressed body', () => {
  it.each(compressors)('(%s) is what it was, in whatever pieces it comes', async (encoding, compress) => {
    const body = fc.uint8Array({ maxLength: 300, minLength: 1 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(body, pieceSizes, async (bytes, sizes) => {
        expect(await undo(encoding, compress(bytes), sizes)).toEqual(bytes);
        expect(await decompressBuffer(encoding, compress(bytes), limits)).toEqual({ ok: true, bytes });
      }),
      { numRuns: 50 },
    );
  });

  it.each(compressors.filter(([encoding]) => encoding !== 'identity'))(
    '(%s) that is cut, altered or goes on is refused',
    async (encoding, compress) => {
      const whole = compress(Buffer.from('some text to compress, some text to compress'));
      const refused = { ok: false, fault: { code: 'invalid_body' } };
      for (let end = 1; end < whole.length; end += 1) {
        expect(await decompressBuffer(encoding, whole.subarray(0, end), limits)).toMatchObject(refused);
      }
      for (const more of [Buffer.from('x'), Buffer.alloc(10), Buffer.alloc(100_000, 'x')]) {
        expect(await decompressBuffer(encoding, Buffer.concat([whole, more]), limits)).toMatchObject(refused);
        await expect(undo(encoding, Buffer.concat([whole, more]), [whole.length, 7])).rejects.toThrow(
          /more bytes|broken/,
        );
      }
      const altered = Buffer.from(whole);
      altered.fill(0xff, 0, 12);
      expect(await decompressBuffer(encoding, altered, limits)).toMatchObject(refused);
    },
  );

  it('that is empty stays empty in every encoding', async () => {
    expect(await undo('gzip, br', Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    expect(await decompressBuffer('br', Buffer.alloc(0), limits)).toEqual({ ok: true, bytes: Buffer.alloc(0) });
  });

  it.each(['zstd', 'compress', 'gzip, gzip, gzip', 'gzip;q=1', '*'])('in “%s” is refused', async (encoding) => {
    const refused = { ok: false, fault: { code: 'unsupported_encoding' } };
    expect(decompress(encoding, inPieces(Buffer.from('x')), limits)).toMatchObject(refused);
    expect(await decompressBuffer(encoding, Buffer.from('x'), limits)).toMatchObject(refused);
  });

  it('over the limit of bytes is refused, and one at the limit taken', async () => {
    const bytes = gzipSync(Buffer.alloc(50_000, 'x'));
    expect(await decompressBuffer('gzip', bytes, { maxBytes: 49_999 })).toMatchObject({
      fault: { code: 'body_too_large', limitBytes: 49_999 },
    });
    expect(await decompressBuffer('gzip', bytes, { maxBytes: 50_000 })).toMatchObject({ ok: true });
  });

  it('may be small for what it holds only up to 1 MiB', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024);
    expect(await decompressBuffer('gzip', gzipSync(mebibyte), limits)).toMatchObject({ ok: true });
    const more = gzipSync(Buffer.alloc(1024 * 1024 + 1));
    expect(await decompressBuffer('gzip', more, limits)).toMatchObject({ fault: { code: 'body_too_large' } });
    expect(await decompressBuffer('gzip', more, { ...limits, maxRatio: 2000 })).toMatchObject({ ok: true });
  });

  it('of 10 GB of zeros is refused after the first few kilobytes, and left', async () => {
    const gzip = createGzip();
    const zeros = Buffer.alloc(1024 * 1024);
    const bomb: Buffer[] = [];
    gzip.on('data', (chunk: Buffer) => bomb.push(chunk));
    for (let mebibyte = 0; mebibyte < 32; mebibyte += 1) {
      await new Promise((resolve) => {
        gzip.write(zeros, resolve);
      });
    }
    gzip.destroy();
    // A mebibyte of zeros is a kilobyte: the rest of the 10 GB would be the same bytes over and over.
    function* endless() {
      yield* bomb;
      for (let megabyte = 0; megabyte < 10_000; megabyte += 1) yield bomb.at(-1) ?? zeros;
    }
    for (const maxBytes of [100_000, 20 * 1024 ** 3]) {
      const { source, state } = watchedSource(endless());
      const started = decompress('gzip', source, { maxBytes });
      if (!started.ok) throw new Error('the encoding is known');
      let bytesOut = 0;
      const reading = async () => {
        for await (const chunk of started.content) bytesOut += chunk.length;
      };
      await expect(reading()).rejects.toMatchObject({ fault: { code: 'body_too_large' } });
      expect(bytesOut).toBeLessThan(5_000_000);
      expect(state.bytes).toBeLessThan(200_000);
      await expect.poll(() => state.left).toBe(true);
    }
  });

  it('is no longer read once there is no room for what comes out of it', async () => {
    const bytes = Buffer.alloc(500_000, 'x');
    let reserved = 0;
    const reserve = (more: number): void => {
      if (reserved + more > 300_000) throw new RangeError('no room');
      reserved += more;
    };
    await expect(decompressBuffer('gzip', gzipSync(bytes), { ...limits, reserve })).rejects.toThrow('no room');
    expect(reserved).toBeGreaterThan(200_000);
    reserved = -1_000_000;
    const undone = await decompressBuffer('gzip', gzipSync(bytes), { ...limits, reserve });
    expect(undone.ok && undone.bytes.equals(bytes)).toBe(true);
    expect(reserved + 1_000_000).toBeGreaterThanOrEqual(bytes.length);
  });

  it('of a bomb within a bomb is refused', async () => {
    const inner = gzipSync(Buffer.alloc(500 * 1024 * 1024));
    const bomb = gzipSync(inner);
    expect(await decompressBuffer('gzip, gzip', bomb, { maxBytes: 1e12 })).toMatchObject({
      fault: { code: 'body_too_large' },
    });
  });

  it('that its sender breaks off ends with what the source threw', async () => {
    const sent = gzipSync('some text');
    const bodies = { gzip: sent, 'gzip, br': brotliCompressSync(sent), identity: sent };
    for (const [encoding, bytes] of Object.entries(bodies)) {
      const breaking = async function* () {
        yield bytes.subarray(0, 10);
        await Promise.resolve();
        throw new Error('ECONNRESET');
      };
      const started = decompress(encoding, breaking(), limits);
      if (!started.ok) throw new Error('the encoding is known');
      const reading = async () => {
        for await (const _ of started.content);
      };
      await expect(reading()).rejects.toThrow('ECONNRESET');
    }
  });

  it('whose reader leaves is left, too', async () => {
    const { source, state } = watchedSource([gzipSync(Buffer.alloc(500_000, 'x')), Buffer.alloc(10)]);
    const started = decompress('gzip', source, limits);
    if (!started.ok) throw new Error('the encoding is known');
    for await (const _ of started.content) break;
    await expect.poll(() => state.left).toBe(true);
  });
});
