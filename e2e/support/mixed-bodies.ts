import { createCipheriv, createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** A request of one of the content types, and how to tell from its run's output that it came in whole. */
export interface MixedRequest {
  headers: Record<string, string>;
  body: string | Buffer | FormData;
  /** What the trigger shall put out; of files their SHA-256 in place of id and URL. */
  expected: unknown;
}

/** A file in an expected output. */
export interface ExpectedFile {
  name: string;
  contentType: string;
  size: number;
  sha256: string;
}

/** Kinds by number, so that every kind is sent as often as every other. */
const kinds: readonly ((number: number) => MixedRequest)[] = [
  (number) => json({ number, text: 'Grüße' }),
  (number) =>
    plain('application/xml', `<pet n="${number}"><name>Ärger</name></pet>`, {
      pet: { '@n': String(number), name: 'Ärger' },
    }),
  (number) =>
    plain('application/x-www-form-urlencoded', `number=${number}&tag=a&tag=b`, {
      number: String(number),
      tag: ['a', 'b'],
    }),
  (number) =>
    plain('text/csv', `number,name\n${number},"a,b"\n${number},c\n`, [
      { number: String(number), name: 'a,b' },
      { number: String(number), name: 'c' },
    ]),
  (number) => plain('text/plain; charset=iso-8859-1', Buffer.from(`${number} é`, 'latin1'), { text: `${number} é` }),
  (number) => encoded('gzip', gzipSync(JSON.stringify({ number })), { number }),
  (number) => encoded('br', brotliCompressSync(JSON.stringify({ number })), { number }),
  file,
  multipart,
];

/** Request `number` of the mix; always the same for the same number. */
export function mixedRequest(number: number): MixedRequest {
  const make = kinds[number % kinds.length];
  if (!make) throw new Error('there are no kinds');
  return make(number);
}

function json(value: object): MixedRequest {
  return plain('application/json', JSON.stringify(value), value);
}

function plain(contentType: string, body: string | Buffer, expected: unknown): MixedRequest {
  return { headers: { 'content-type': contentType }, body, expected };
}

function encoded(coding: string, body: Buffer, expected: unknown): MixedRequest {
  return { headers: { 'content-type': 'application/json', 'content-encoding': coding }, body, expected };
}

function file(number: number): MixedRequest {
  const bytes = bytesOf(number, number % 5 === 0 ? largeBytes(number) : (number * 977) % 40_000);
  const expected = { file: expectedFile('file', 'application/pdf', bytes) };
  return { headers: { 'content-type': 'application/pdf' }, body: bytes, expected };
}

/** Stored in several pieces, so that a kill may come between two of them. */
function largeBytes(number: number): number {
  return 300_000 + ((number * 9_973) % 700_000);
}

function multipart(number: number): MixedRequest {
  const photo = bytesOf(number, 1 + ((number * 31) % 20_000));
  const note = Buffer.from(`note ${number}`);
  const form = new FormData();
  form.set('number', String(number));
  form.set('photo', new Blob([new Uint8Array(photo)], { type: 'image/png' }), 'Foto ä.png');
  form.set('note', new Blob([note], { type: 'text/plain' }), 'note.txt');
  const expected = {
    number: String(number),
    photo: expectedFile('Foto ä.png', 'image/png', photo),
    note: expectedFile('note.txt', 'text/plain', note),
  };
  // fetch sets the content type with its boundary.
  return { headers: {}, body: form, expected };
}

function expectedFile(name: string, contentType: string, bytes: Buffer): ExpectedFile {
  return { name, contentType, size: bytes.length, sha256: sha256(bytes) };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that follow from a number and look random. */
function bytesOf(number: number, length: number): Buffer {
  const key = createHash('sha256').update(String(number)).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
