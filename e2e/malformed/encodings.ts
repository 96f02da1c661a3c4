import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { bombs } from './bombs.js';
import { canary, framed, type Expected, type MalformedRequest, type Subject } from './request.js';

const broken = { status: 400, code: 'invalid_body' } as const;
const unsupported = { status: 415, code: 'unsupported_encoding', says: /gzip, deflate or br/ } as const;

const types = {
  JSON: 'application/json',
  'a file': 'application/octet-stream',
  multipart: 'multipart/form-data; boundary=frontier',
} as const;

interface EncodedRequest {
  encoding: string;
  body: string | Buffer | (() => Buffer);
  of?: keyof typeof types;
  expected?: Expected;
}

function encoded(name: string, { encoding, body, of = 'JSON', expected = broken }: EncodedRequest): MalformedRequest {
  return {
    name: `Content-Encoding: ${name} (${of})`,
    wire: framed({ type: types[of], headers: [`content-encoding: ${encoding}`], body }),
    expected,
  };
}

const document = Buffer.from(JSON.stringify({ petname: canary, text: 'a short text, '.repeat(40) }));
const packed = {
  gzip: gzipSync(document),
  deflate: deflateSync(document),
  br: brotliCompressSync(document),
};
type Coding = keyof typeof packed;
const codings: Coding[] = ['gzip', 'deflate', 'br'];

const unknown: MalformedRequest[] = [
  ...['compress', 'zstd', 'lzma', 'aes128gcm', 'utf-8', '*', 'gzip;q=1', 'gzip gzip', '"gzip"', 'gzipp'].map(
    (encoding) => encoded(encoding, { encoding, body: packed.gzip, expected: unsupported }),
  ),
  encoded('one that is known after one that is not', {
    encoding: 'zstd, gzip',
    body: packed.gzip,
    expected: unsupported,
  }),
  encoded('one that is known before one that is not', {
    encoding: 'gzip, zstd',
    body: packed.gzip,
    expected: unsupported,
  }),
  encoded('three times gzip', {
    encoding: 'gzip, gzip, gzip',
    body: gzipSync(gzipSync(packed.gzip)),
    expected: unsupported,
  }),
  encoded('gzip, deflate and br', {
    encoding: 'gzip, deflate, br',
    body: brotliCompressSync(deflateSync(packed.gzip)),
    expected: unsupported,
  }),
  encoded('a thousand of them', {
    encoding: Array(1_000).fill('gzip').join(','),
    body: packed.gzip,
    expected: unsupported,
  }),
  encoded('one that is not known', { encoding: 'zstd', body: packed.gzip, of: 'a file', expected: unsupported }),
  encoded('one that is not known', { encoding: 'zstd', body: packed.gzip, of: 'multipart', expected: unsupported }),
];

/** What can be wrong with compressed bytes, whatever they are of. */
const faults: [name: string, spoil: (bytes: Buffer, coding: Coding) => Buffer][] = [
  ['its first byte alone', (bytes) => bytes.subarray(0, 1)],
  ['its first half', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['all but its last byte', (bytes) => bytes.subarray(0, -1)],
  ['a byte after its end', (bytes) => Buffer.concat([bytes, Buffer.from([0x41])])],
  ['plain text after its end', (bytes) => Buffer.concat([bytes, document])],
  ['bytes that were never compressed', () => document],
  ['bytes of another coding', (_bytes, coding) => packed[coding === 'br' ? 'gzip' : 'br']],
  ['bytes that mean nothing', () => Buffer.alloc(100, 0xff)],
];
const spoiled: MalformedRequest[] = codings.flatMap((coding) =>
  faults.map(([name, spoil]) =>
    encoded(`${coding} of ${name}`, { encoding: coding, body: spoil(packed[coding], coding) }),
  ),
);
const spoiledStreams: MalformedRequest[] = codings.flatMap((coding) => [
  encoded(`${coding} of its first half`, {
    encoding: coding,
    body: packed[coding].subarray(0, packed[coding].length / 2),
    of: 'a file',
  }),
  encoded(`${coding} of a byte after its end`, {
    encoding: coding,
    body: Buffer.concat([packed[coding], Buffer.from([0x41])]),
    of: 'a file',
  }),
  encoded(`${coding} of bytes that were never compressed`, { encoding: coding, body: document, of: 'multipart' }),
]);

/** Bytes with one of them changed. */
function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy.writeUInt8(copy.readUInt8(index) ^ 0x55, index);
  return copy;
}

const corrupt: MalformedRequest[] = [
  encoded('gzip with a wrong magic number', { encoding: 'gzip', body: changed(packed.gzip, 1) }),
  encoded('gzip with another method', { encoding: 'gzip', body: changed(packed.gzip, 2) }),
  encoded('gzip with flags that there are not', { encoding: 'gzip', body: changed(packed.gzip, 3) }),
  encoded('gzip with a flipped bit within', { encoding: 'gzip', body: changed(packed.gzip, 40) }),
  encoded('gzip with a wrong checksum', { encoding: 'gzip', body: changed(packed.gzip, -8) }),
  encoded('gzip with a wrong length', { encoding: 'gzip', body: changed(packed.gzip, -4) }),
  encoded('gzip without its checksum', { encoding: 'gzip', body: packed.gzip.subarray(0, -8) }),
  encoded('gzip with a wrong checksum', { encoding: 'gzip', body: changed(packed.gzip, -8), of: 'a file' }),
  encoded('gzip whose file name does not end', {
    encoding: 'gzip',
    body: () => Buffer.concat([Buffer.from('1f8b0808000000000003', 'hex'), Buffer.alloc(5_000_000, 'a')]),
  }),
  encoded('deflate with a wrong checksum', { encoding: 'deflate', body: changed(packed.deflate, -1) }),
  encoded('deflate without its checksum', { encoding: 'deflate', body: packed.deflate.subarray(0, -4) }),
  encoded('deflate that asks for a dictionary', { encoding: 'deflate', body: Buffer.from('78bb000000000300', 'hex') }),
  encoded('deflate without a header, cut in half', {
    encoding: 'deflate',
    body: deflateRawSync(document).subarray(0, 40),
  }),
  encoded('deflate of a million empty blocks', {
    encoding: 'deflate',
    body: () => Buffer.concat([Buffer.from([0x78, 0x9c]), Buffer.alloc(5_000_000, Buffer.from('000000ffff', 'hex'))]),
  }),
  encoded('gzip of 100,000 empty members', { encoding: 'gzip', body: () => Buffer.alloc(2_000_000, gzipSync('')) }),
  encoded('gzip of gzip, named once', { encoding: 'gzip', body: gzipSync(packed.gzip) }),
  encoded('gzip once, named twice', { encoding: 'gzip, gzip', body: packed.gzip }),
  encoded('gzip and br in the wrong order', { encoding: 'gzip, br', body: gzipSync(packed.br) }),
  encoded('identity over bytes that are compressed', { encoding: 'identity', body: packed.gzip }),
  encoded('none over bytes that are compressed', { encoding: '', body: packed.gzip }),
  encoded('gzip of JSON that is broken', {
    encoding: 'gzip',
    body: gzipSync('{"a":\n }'),
    expected: { ...broken, line: 2, column: 2 },
  }),
  encoded('gzip of 100,000 arrays', {
    encoding: 'gzip',
    body: gzipSync('['.repeat(100_000)),
    expected: { ...broken, says: /levels deep/ },
  }),
  encoded('br of JSON that is no UTF-8', { encoding: 'br', body: brotliCompressSync(Buffer.from('"\xff"', 'latin1')) }),
  encoded('gzip of parts that break off', {
    encoding: 'gzip',
    body: gzipSync('--frontier\r\nContent-Disposition: form-data; name="a"\r\n\r\nb'),
    of: 'multipart',
  }),
];

const tooLarge = { status: 413, code: 'body_too_large', says: /\d/ } as const;
const bomb = (name: string, request: Omit<EncodedRequest, 'expected'>): MalformedRequest =>
  encoded(name, { ...request, expected: tooLarge });

const explosive: MalformedRequest[] = [
  ...(['JSON', 'a file'] as const).flatMap((of) => [
    bomb('gzip of 1 GB', { encoding: 'gzip', body: bombs.gzip, of }),
    bomb('deflate of 1 GB', { encoding: 'deflate', body: bombs.deflate, of }),
    bomb('br of 300 MB', { encoding: 'br', body: bombs.br, of }),
    bomb('gzip of gzip of 1 GB', { encoding: 'gzip, gzip', body: bombs.gzipOfGzip, of }),
    bomb('br of gzip of 1 GB', { encoding: 'gzip, br', body: bombs.brOfGzip, of }),
  ]),
  bomb('gzip of a field of 1 GB', { encoding: 'gzip', body: bombs.gzipOfField, of: 'multipart' }),
  bomb('gzip of a file of 1 GB', { encoding: 'gzip', body: bombs.gzipOfFile, of: 'multipart' }),
  encoded('gzip of 1 GB before the first boundary', {
    encoding: 'gzip',
    body: bombs.gzip,
    of: 'multipart',
    expected: { status: [400, 413] },
  }),
  bomb('deflate without a header of 1 GB', { encoding: 'deflate', body: bombs.deflateRaw }),
  bomb('gzip of 9 MB that were 9 KB', { encoding: 'gzip', body: () => gzipSync(Buffer.alloc(9_000_000, ' ')) }),
  bomb('br of 9 MB that were 20 bytes', {
    encoding: 'br',
    body: () => brotliCompressSync(Buffer.alloc(9_000_000, ' ')),
  }),
  bomb('gzip of 10 MB and one byte that hardly shrink', {
    encoding: 'gzip',
    body: () => gzipSync(hardlyShrinking(10_000_001), { level: constants.Z_BEST_SPEED }),
  }),
];

/** JSON of random letters, so that its size matters and not its ratio. */
function hardlyShrinking(bytes: number): Buffer {
  const text = Buffer.alloc(bytes, '"');
  let seed = 1;
  for (let at = 1; at < bytes - 1; at += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text.writeUInt8(97 + ((seed >> 16) % 26), at);
  }
  return text;
}

export const contentEncodings: Subject = {
  name: 'content encodings',
  requests: [...unknown, ...spoiled, ...spoiledStreams, ...corrupt, ...explosive],
};
