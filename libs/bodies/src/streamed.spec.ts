import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyAborted } from './body-error.js';
import { decompress } from './content-coding.js';
import type { FileSink } from './read-body.js';
import { inPieces, memorySink, pieceSizes, reference, watchedSource } from './streams.fixture.js';
import { readStreamed } from './streamed.js';

const limits = { maxBodyBytes: 10_000, maxFileBytes: 100_000 };

describe('a body that is a file', () => {
  it('is stored byte for byte under the name and type it came with', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), pieceSizes, async (array, sizes) => {
        const bytes = Buffer.from(array);
        const files = memorySink();
        const result = await readStreamed('file', 'image/png', inPieces(bytes, sizes), {
          limits,
          files,
          contentDisposition: 'attachment; filename="a.png"',
        });
        expect(files.stored).toEqual([{ name: 'a.png', contentType: 'image/png', bytes }]);
        const file = {
          id: 'f',
          name: 'a.png',
          contentType: 'image/png',
          size: bytes.length,
          url: 'https://files.example/f',
        };
        expect(result).toEqual({ ok: true, json: Buffer.from(JSON.stringify({ file })) });
      }),
    );
  });

  it('has a name and a type even when it came with none', async () => {
    const files = memorySink();
    await readStreamed('file', undefined, inPieces(Buffer.from('x')), { limits, files });
    expect(files.stored).toMatchObject([{ name: 'file', contentType: 'application/octet-stream' }]);
  });

  it('over the limit is refused while it comes in, and left', async () => {
    const { source, state } = watchedSource(Array.from({ length: 1_000 }, () => Buffer.alloc(10_000)));
    const files = memorySink();
    const result = await readStreamed('file', 'image/png', source, { limits, files });
    expect(result).toMatchObject({ ok: false, fault: { code: 'body_too_large', limitBytes: 100_000 } });
    expect(files.stored).toEqual([]);
    expect(state.read).toBe(11);
    await expect.poll(() => state.left).toBe(true);
  });

  it('is refused for what is wrong with its content encoding', async () => {
    const started = decompress('gzip', inPieces(gzipSync('some text').subarray(0, -3), [5]), { maxBytes: 100_000 });
    if (!started.ok) throw new Error('the encoding is known');
    const result = await readStreamed('file', 'image/png', started.content, { limits, files: memorySink() });
    expect(result).toMatchObject({ ok: false, fault: { code: 'invalid_body' } });
  });

  it('that its sender breaks off rejects as such, with its content encoding or without', async () => {
    for (const encoding of [undefined, 'gzip']) {
      const request = new Readable({ read() {} });
      request.push(gzipSync('some text').subarray(0, 5));
      setImmediate(() => request.destroy(new Error('ECONNRESET')));
      const started = decompress(encoding, request, { maxBytes: 100_000 });
      if (!started.ok) throw new Error('the encoding is known');
      const reading = readStreamed('file', 'image/png', started.content, { limits, files: memorySink() });
      await expect(reading).rejects.toThrow(BodyAborted);
      await expect(reading).rejects.toMatchObject({ cause: { message: 'ECONNRESET' } });
    }
  });

  it('rejects with the error of a sink that cannot store, whatever it has read', async () => {
    const down = new Error('store is down');
    const sinks: FileSink[] = [
      { store: () => Promise.reject(down) },
      {
        async store(_file, content) {
          for await (const _ of content) throw down;
          throw down;
        },
      },
    ];
    for (const files of sinks) {
      const { source, state } = watchedSource([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)]);
      await expect(readStreamed('file', 'image/png', source, { limits, files })).rejects.toBe(down);
      expect(state.read).toBeLessThan(3);
    }
  });

  it('is never said to be stored when its sink did not read all of it or hid that it broke off', async () => {
    const idle: FileSink = { store: (file) => Promise.resolve(reference(file, 0)) };
    await expect(readStreamed('file', 'a/b', inPieces(Buffer.from('x')), { limits, files: idle })).rejects.toThrow(
      'sink',
    );
    const careless: FileSink = {
      async store(file, content) {
        try {
          for await (const _ of content);
        } catch {
          // As if all were well.
        }
        return reference(file, 0);
      },
    };
    const tooMuch = inPieces(Buffer.alloc(200_000));
    expect(await readStreamed('file', 'a/b', tooMuch, { limits, files: careless })).toMatchObject({
      fault: { code: 'body_too_large' },
    });
  });

  it('comes in only as fast as its sink takes it', async () => {
    const { source, state } = watchedSource(Array.from({ length: 50 }, () => Buffer.alloc(1_000)));
    const files: FileSink = {
      async store(file, content) {
        const hash = createHash('sha256');
        let size = 0;
        for await (const chunk of content) {
          size += chunk.length;
          hash.update(chunk);
          await new Promise((resolve) => setImmediate(resolve));
          expect(state.bytes - size).toBeLessThanOrEqual(1_000);
        }
        return reference(file, size);
      },
    };
    expect(await readStreamed('file', 'a/b', source, { limits, files })).toMatchObject({ ok: true });
  });
});

describe('the fields of a form', () => {
  const part = (name: string, more: string): string =>
    `--b\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${'x'.repeat(1_000)}\r\n`;
  const form = Buffer.from(`${part('a', '')}${part('f', '; filename="f.txt"')}${part('c', '')}--b--\r\n`);
  const read = (reserve: (bytes: number) => void) =>
    readStreamed('multipart', 'multipart/form-data; boundary=b', inPieces(form, [100]), {
      limits,
      files: memorySink(),
      reserve,
    });

  it('are counted before they are kept, and files are not', async () => {
    let reserved = 0;
    expect(await read((bytes) => (reserved += bytes))).toMatchObject({ ok: true });
    expect(reserved).toBe(2_000);
  });

  it('are no longer read once there is no room', async () => {
    const noRoom = new RangeError('no room');
    const full = (): never => {
      throw noRoom;
    };
    await expect(read(full)).rejects.toBe(noRoom);
  });
});
