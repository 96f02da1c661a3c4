import { canary, framed, head, utf8, type Chunk, type MalformedRequest, type Subject, type Wire } from './request.js';

const maxBodyBytes = 10_000_000;
const maxFileBytes = 100_000_000;
const tooLarge = { status: 413, code: 'body_too_large', says: /\d{7}/ } as const;

/** A request that says how long its body is and sends little of it: the answer must not wait for the rest. */
function declared(name: string, bytes: number, ...headers: string[]): MalformedRequest {
  const lines = ['POST {open} HTTP/1.1', 'host: hooks.example.com', ...headers, `content-length: ${bytes}`];
  return { name, wire: head(lines, '{'), expected: tooLarge };
}

const byLength: MalformedRequest[] = [
  ...['application/json', 'application/xml', 'application/x-www-form-urlencoded', 'text/csv', 'text/plain'].map(
    (type) => declared(`${type} of 10 MB and a byte, as declared`, maxBodyBytes + 1, `content-type: ${type}`),
  ),
  declared('a file of 100 MB and a byte, as declared', maxFileBytes + 1, 'content-type: image/png'),
  declared('a body without a type of 100 MB and a byte, as declared', maxFileBytes + 1),
  declared('a multipart body of 200 MB, as declared', 200_000_000, 'content-type: multipart/form-data; boundary=a'),
  declared(
    'compressed JSON of 10 MB and a byte, as declared',
    maxBodyBytes + 1,
    'content-type: application/json',
    'content-encoding: gzip',
  ),
  declared(
    'JSON of 10 MB and a byte whose sender asks first',
    maxBodyBytes + 1,
    'content-type: application/json',
    'expect: 100-continue',
  ),
  declared('a file of 5 GB whose sender asks first', 5_000_000_000, 'content-type: image/png', 'expect: 100-continue'),
  {
    name: 'JSON of 10 MB and a byte in a PUT, as declared',
    wire: head([
      'PUT {open} HTTP/1.1',
      'host: a',
      'content-type: application/json',
      `content-length: ${maxBodyBytes + 1}`,
    ]),
    expected: tooLarge,
  },
  {
    name: 'JSON of 10 MB and a byte for a flow that is stopped',
    wire: head([
      'POST {stopped} HTTP/1.1',
      'host: a',
      'content-type: application/json',
      `content-length: ${maxBodyBytes + 1}`,
    ]),
    expected: { status: [404, 413] },
  },
  {
    name: 'a file of 10 MB and a byte where a signature covers all of it',
    wire: head(['POST {hmac} HTTP/1.1', 'host: a', 'content-type: image/png', `content-length: ${maxBodyBytes + 1}`]),
    expected: { status: [401, 413] },
  },
  {
    name: 'JSON of 10 MB and a byte without credentials',
    wire: head([
      'POST {basic} HTTP/1.1',
      'host: a',
      'content-type: application/json',
      `content-length: ${maxBodyBytes + 1}`,
    ]),
    expected: { status: [401, 413] },
  },
];

const spaces = (bytes: number) => (): Buffer => Buffer.alloc(bytes, ' ');

/** A body that grows beyond `bytes` without having said so. */
function growing(start: readonly string[], first: Chunk, bytes: number): Wire {
  return (flows) => {
    const piece = Buffer.alloc(1_000_000, 'a');
    const pieces = Array<Buffer>(Math.ceil(bytes / piece.length)).fill(piece);
    const lines = [...start, 'host: a', 'transfer-encoding: chunked', '', '']
      .join('\r\n')
      .replace('{open}', flows.path('open'));
    const chunk = (content: Chunk): Chunk[] => [`${content.length.toString(16)}\r\n`, content, '\r\n'];
    return [lines, ...chunk(first), ...pieces.flatMap(chunk), '0\r\n\r\n'];
  };
}

const byGrowing: MalformedRequest[] = [
  {
    name: 'JSON of 10 MB and a byte, sent whole',
    wire: framed({ type: 'application/json', body: spaces(maxBodyBytes + 1) }),
    expected: tooLarge,
  },
  ...['application/json', 'application/xml', 'text/csv', 'text/plain'].map((type) => ({
    name: `${type} of 10 MB and a byte, in chunks`,
    wire: framed({ type, body: spaces(maxBodyBytes + 1), chunkBytes: 100_000 }),
    expected: tooLarge,
  })),
  {
    name: 'a form of 10 MB and a byte, in chunks',
    wire: framed({ type: 'application/x-www-form-urlencoded', body: spaces(maxBodyBytes + 1), chunkBytes: 1_000_000 }),
    expected: tooLarge,
  },
  {
    name: 'JSON that grows to 40 MB in chunks',
    wire: growing(['POST {open} HTTP/1.1', 'content-type: application/json'], '"', 40_000_000),
    expected: tooLarge,
  },
  {
    name: 'a file that grows to 101 MB in chunks',
    wire: growing(['POST {open} HTTP/1.1', 'content-type: application/octet-stream'], canary, 101_000_000),
    expected: tooLarge,
  },
  {
    name: 'a form of which a field grows to 20 MB in chunks',
    wire: growing(
      ['POST {open} HTTP/1.1', 'content-type: multipart/form-data; boundary=a'],
      '--a\r\nContent-Disposition: form-data; name="b"\r\n\r\n',
      20_000_000,
    ),
    expected: { ...tooLarge, says: /\d/ },
  },
];

const asJson: MalformedRequest[] = [
  {
    name: 'text that would grow beyond 10 MB as JSON',
    wire: framed({ type: 'text/plain', body: () => Buffer.alloc(5_000_000, '\x01') }),
    expected: tooLarge,
  },
  {
    name: 'XML that would grow beyond 10 MB as JSON',
    wire: framed({
      type: 'application/xml',
      body: () => Buffer.concat([utf8('<a>'), Buffer.alloc(9_000_000, '"'), utf8('</a>')]),
    }),
    expected: tooLarge,
  },
  {
    name: 'XML of a million elements that would grow beyond 10 MB as JSON',
    wire: framed({
      type: 'application/xml',
      body: () => utf8(`<a>${'<b c=""/>'.repeat(1_050_000)}</a>`),
    }),
    expected: tooLarge,
  },
  {
    name: 'a form that would grow beyond 10 MB as JSON',
    wire: framed({
      type: 'application/x-www-form-urlencoded',
      body: () => Buffer.concat([utf8('a='), Buffer.alloc(9_000_000, '"')]),
    }),
    expected: tooLarge,
  },
];

export const sizes: Subject = { name: 'sizes', requests: [...byLength, ...byGrowing, ...asJson] };
