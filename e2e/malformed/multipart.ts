import { canary, framed, utf8, type Chunk, type Expected, type MalformedRequest, type Subject } from './request.js';

const boundary = 'frontier';
const type = `multipart/form-data; boundary=${boundary}`;
const invalid = { status: 400, code: 'invalid_body' } as const;

function multipart(name: string, body: Chunk | (() => Chunk), expected: Expected = invalid): MalformedRequest {
  return { name: `multipart: ${name}`, wire: framed({ type, body }), expected };
}

const disposition = (name: string): string => `Content-Disposition: form-data; name="${name}"`;
const fileDisposition = `${disposition('photo')}; filename="photo.bin"\r\nContent-Type: application/octet-stream`;
const opening = `--${boundary}\r\n`;
const closing = `\r\n--${boundary}--\r\n`;

/** A body of parts, each the text of its headers and its content. */
function body(...parts: [headers: string, content: string][]): string {
  return (
    parts
      .map(([headers, content]) => `${opening}${headers}\r\n\r\n${content}\r\n`)
      .join('')
      .slice(0, -2) + closing
  );
}

/** One part with those headers. */
function part(name: string, headers: string, expected: Expected = invalid, content = 'a'): MalformedRequest {
  return multipart(name, body([headers, content]), expected);
}

const good = body([disposition('petname'), 'Gromit']);
const boundaries: MalformedRequest[] = [
  ['no boundary', 'multipart/form-data'],
  ['an empty boundary', 'multipart/form-data; boundary='],
  ['an empty boundary in quotes', 'multipart/form-data; boundary=""'],
  ['another boundary than its body', 'multipart/form-data; boundary=border'],
  ['a boundary in other letters than its body', 'multipart/form-data; boundary=Frontier'],
  ['a boundary that is longer than that of its body', 'multipart/form-data; boundary=frontier1'],
  ['a boundary with the dashes that come before it', 'multipart/form-data; boundary=--frontier'],
  ['a boundary of 300 letters', `multipart/form-data; boundary=${'a'.repeat(300)}`],
  ['a boundary under a name with a slip', 'multipart/form-data; boundry=frontier'],
].map(([name = '', contentType = '']) => ({
  name: `multipart: ${name}`,
  wire: framed({ type: contentType, body: good }),
  expected: { ...invalid, says: /boundary/ },
}));

const unreadableTypes: MalformedRequest[] = [
  ['two boundaries', 'multipart/form-data; boundary=frontier; boundary=border'],
  ['a boundary without an equals sign', 'multipart/form-data; boundary'],
  ['a boundary whose quotes do not end', 'multipart/form-data; boundary="frontier'],
].map(([name = '', contentType = '']) => ({
  name: `multipart: ${name}`,
  wire: framed({ type: contentType, body: good }),
  expected: { status: [400, 415], says: /boundary|content type/ },
}));

/** The pieces of a body of a field and a file; it breaks off after each of them but the last. */
const pieces: [text: string, place: string][] = [
  ['', 'before its first byte'],
  ['--fron', 'within the first boundary'],
  ['tier', 'after the first boundary'],
  ['\r', 'within the line end of the first boundary'],
  ['\n', 'before the headers of a field'],
  ['Content-Disp', 'within the name of a header'],
  ['osition:', 'after the colon of a header'],
  [' form-data; name="pet', 'within the name of a field'],
  ['name"', 'before the line end of a header'],
  ['\r\n', 'before the empty line of a field'],
  ['\r', 'within the empty line of a field'],
  ['\n', 'before the value of a field'],
  [`Grom${canary}`, 'within the value of a field'],
  ['\r', 'within the line end of a value'],
  ['\n--', 'after the dashes of the second boundary'],
  ['frontier\r\n', 'before the headers of a file'],
  [`${disposition('photo')}; filename="ph`, 'within the name of a file'],
  ['oto.bin"\r\nContent-Type: application/oct', 'within the type of a file'],
  ['et-stream\r\n\r\n', 'before the bytes of a file'],
  ['\x89PNG\r\n', 'within the bytes of a file, at a line end'],
  ['\x1a\n\r\n--front', 'within what may be the last boundary'],
  ['ier', 'before the dashes of the last boundary'],
  ['-', 'within the dashes of the last boundary'],
  ['-', ''],
];
const truncated: MalformedRequest[] = pieces.slice(0, -1).map(([, place], at) =>
  multipart(
    `a body that ends ${place}`,
    pieces
      .slice(0, at + 1)
      .map(([text]) => text)
      .join(''),
  ),
);

const lines: MalformedRequest[] = [
  multipart('JSON', '{"petname": "Gromit"}'),
  multipart('a form', 'petname=Gromit'),
  multipart('lines that end with LF alone', good.replaceAll('\r\n', '\n')),
  multipart('lines that end with CR alone', good.replaceAll('\r\n', '\r')),
  multipart('a boundary with one dash', good.replace('--frontier\r', '-frontier\r')),
  multipart('a boundary in the middle of a line', `a${good}`),
  multipart('more on the line of the boundary', good.replace('frontier\r', `frontier ${canary}\r`)),
  multipart('a boundary with a line of 200 spaces', good.replace('frontier\r', `frontier${' '.repeat(200)}\r`)),
  multipart('20,000 bytes before the first boundary', `${'a'.repeat(20_000)}\r\n${good}`),
  multipart('20,000 bytes after the last boundary', good + 'a'.repeat(20_000)),
  multipart('9 MB without a boundary', () => Buffer.alloc(9_000_000, 'a')),
  multipart('9 MB of what may be boundaries', () => utf8('\r\n--frontie'.repeat(900_000))),
  multipart('9 MB of carriage returns', () => Buffer.alloc(9_000_000, '\r')),
];

const manySpaces = ' '.repeat(15_000);
const headers: MalformedRequest[] = [
  multipart('a part without headers', `${opening}\r\nGromit${closing}`),
  multipart('a part without headers or an empty line', `${opening}Gromit${closing}`),
  multipart('a part whose headers have no empty line after them', `${opening}${disposition('a')}\r\nGromit${closing}`),
  multipart('an empty part', `${opening}${closing.slice(2)}`),
  part('a part without a disposition', 'Content-Type: text/plain'),
  part('a part with the disposition of an e-mail', 'Content-Disposition: attachment; name="a"; filename="a.txt"'),
  part('a disposition without parameters', 'Content-Disposition: form-data'),
  part('a disposition without a name', 'Content-Disposition: form-data; filename="a.txt"'),
  part('a name whose quotes do not end', 'Content-Disposition: form-data; name="a'),
  part('a name twice', 'Content-Disposition: form-data; name="a"; name="b"'),
  part('a disposition that is no parameter list', 'Content-Disposition: form-data name="a"'),
  part('a disposition twice', `${disposition('a')}\r\n${disposition('b')}`),
  part('a type twice', `${disposition('a')}\r\nContent-Type: text/plain\r\ncontent-type: image/png`),
  part('a header without a colon', `${disposition('a')}\r\n${canary}`),
  part('a header without a name', `${disposition('a')}\r\n: b`),
  part('a header name with a space', `${disposition('a')}\r\nx a: b`),
  part('a header with a NUL', `${disposition('a')}\r\nx-a: b\0c`),
  part('a header with a line feed', `${disposition('a')}\r\nx-a: b\nc`),
  part('a type that cannot be read', `${disposition('a')}\r\nContent-Type: text`),
  part('a type whose quotes do not end', `${disposition('a')}\r\nContent-Type: text/plain; charset="utf-8`),
  part('a part of a million header bytes', `${disposition('a')}\r\nx-a: ${'b'.repeat(1_000_000)}`),
  part('a disposition of 15,000 spaces and a quote', `Content-Disposition: form-data; name=${manySpaces}"`),
  part('a type of 15,000 spaces and a quote', `${disposition('a')}\r\nContent-Type: a/b; x=${manySpaces}"`),
  part('a header of 15,000 spaces and a NUL', `${disposition('a')}\r\nx-a:${manySpaces}\0`),
  part(
    'a part of 2,000 headers',
    [disposition('a'), ...Array.from({ length: 2_000 }, (_item, at) => `x-${at}: value`)].join('\r\n'),
  ),
  part('a second part whose headers are broken', `${disposition('a')}\r\n\r\nb\r\n--frontier\r\nbroken`),
  part('a broken part after a file', `${fileDisposition}\r\n\r\n${'a'.repeat(100_000)}\r\n--frontier\r\nbroken`),
];

const encodings: MalformedRequest[] = [
  ...['base64', 'quoted-printable', 'x-gzip', ''].map((encoding) =>
    part(`the transfer encoding “${encoding}”`, `${disposition('a')}\r\nContent-Transfer-Encoding: ${encoding}`, {
      status: 415,
      code: 'unsupported_encoding',
    }),
  ),
  part('a field in a charset that nobody knows', `${disposition('a')}\r\nContent-Type: text/plain; charset=klingon`, {
    status: [400, 415],
    says: /charset/,
  }),
  part('a field that is no UTF-8', disposition('a'), { ...invalid, says: /UTF-8/ }, `K\xf6ln ${canary}`),
  part(
    'a field that does not hold to its charset',
    `${disposition('a')}\r\nContent-Type: text/plain; charset=utf-16le`,
    invalid,
    'abc',
  ),
  part(
    'a field that does not hold to UTF-8 that it names',
    `${disposition('a')}\r\nContent-Type: text/plain; charset=utf-8`,
    invalid,
    '\xff',
  ),
];

const proto = { ...invalid, says: /__proto__/ };
const manyParts = (count: number, text: (at: number) => string): Buffer =>
  utf8(
    Array.from({ length: count }, (_item, at) => `${opening}${disposition(text(at))}\r\n\r\nb\r\n`).join('') +
      closing.slice(2),
  );
const limits: MalformedRequest[] = [
  part('a field __proto__', disposition('__proto__'), proto),
  part('a file __proto__', `${disposition('__proto__')}; filename="a.txt"`, proto),
  multipart('2,000 parts', () => manyParts(2_000, (at) => `a${at}`), { status: [400, 413], says: /\d/ }),
  multipart('50,000 parts of the same name', () => manyParts(50_000, () => 'a'), { status: [400, 413], says: /\d/ }),
  multipart('a field of 2 MB', () => utf8(body([disposition('a'), 'b'.repeat(2_000_000)])), {
    status: 413,
    code: 'body_too_large',
    says: /\d/,
  }),
  multipart(
    '20 fields of 900,000 bytes',
    () =>
      utf8(
        body(
          ...Array.from({ length: 20 }, (_item, at): [string, string] => [disposition(`a${at}`), 'b'.repeat(900_000)]),
        ),
      ),
    {
      status: 413,
      code: 'body_too_large',
      says: /\d/,
    },
  ),
  multipart(
    'a field of control characters, which would grow as JSON',
    () =>
      utf8(
        body(
          ...Array.from({ length: 9 }, (_item, at): [string, string] => [
            disposition(`a${at}`),
            '\x01'.repeat(900_000),
          ]),
        ),
      ),
    {
      status: 413,
      code: 'body_too_large',
      says: /\d/,
    },
  ),
  part(
    'parts of another multipart body with the same boundary',
    `${disposition('files')}\r\nContent-Type: multipart/mixed; boundary=frontier`,
    invalid,
    `${opening}Content-Disposition: file; filename="a.txt"\r\n\r\nb`,
  ),
  multipart(
    '10,000 multipart bodies within each other',
    () =>
      utf8(
        `${opening}${disposition('a')}\r\nContent-Type: multipart/form-data; boundary=frontier\r\n\r\n`.repeat(10_000),
      ),
    {
      status: [400, 413],
    },
  ),
];

const ofOtherRequests: MalformedRequest[] = [
  {
    name: 'multipart: an empty body in a PUT',
    wire: framed({ type, method: 'PUT', body: '' }),
    expected: invalid,
  },
  {
    name: 'multipart: a body in chunks that ends within a file',
    wire: framed({ type, body: `${opening}${fileDisposition}\r\n\r\n${'a'.repeat(200_000)}`, chunkBytes: 10_000 }),
    expected: invalid,
  },
  {
    name: 'multipart: a body in chunks of one byte that ends within its last boundary',
    wire: framed({ type, body: good.slice(0, -4), chunkBytes: 1 }),
    expected: invalid,
  },
];

export const multiparts: Subject = {
  name: 'multipart bodies',
  requests: [
    ...boundaries,
    ...unreadableTypes,
    ...truncated,
    ...lines,
    ...headers,
    ...encodings,
    ...limits,
    ...ofOtherRequests,
  ],
};
