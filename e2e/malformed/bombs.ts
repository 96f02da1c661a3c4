import { brotliCompressSync, constants, deflateRawSync, gzipSync } from 'node:zlib';

/** Small bodies that become very many spaces. Each is made once. */
const pieceBytes = 10_000_000;
const pieces = 107;
const brotliBytes = 300_000_000;

/** Compressed pieces that end at a byte may be put together, so that 1 GB need not be compressed. */
const packed = (bytes: Buffer): Buffer => deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
const raw = once(() => {
  const piece = packed(Buffer.alloc(pieceBytes, ' '));
  return Buffer.concat([...Array<Buffer>(pieces).fill(piece), Buffer.from([0x03, 0x00])]);
});

/** `first` comes before the spaces. Nobody gets as far as the checksum. */
const gzipAfter = (first: string): Buffer =>
  Buffer.concat([Buffer.from('1f8b0800000000000003', 'hex'), packed(Buffer.from(first)), raw(), Buffer.alloc(8)]);
const gzip = once(() => gzipAfter(''));
const part = '--frontier\r\nContent-Disposition: form-data; name="a"';

const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } };

export const bombs = {
  deflateRaw: raw,
  deflate: once(() => Buffer.concat([Buffer.from([0x78, 0x9c]), raw(), Buffer.alloc(4)])),
  gzip,
  gzipOfField: once(() => gzipAfter(`${part}\r\n\r\n`)),
  gzipOfFile: once(() => gzipAfter(`${part}; filename="b"\r\n\r\n`)),
  gzipOfGzip: once(() => gzipSync(gzip())),
  brOfGzip: once(() => brotliCompressSync(gzip(), brotliOptions)),
  br: once(() => brotliCompressSync(Buffer.alloc(brotliBytes, ' '), brotliOptions)),
} as const;

function once(make: () => Buffer): () => Buffer {
  let made: Buffer | undefined;
  return () => (made ??= make());
}
