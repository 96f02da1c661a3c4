import { canary, exact, head, type MalformedRequest, type Subject } from './request.js';

const first = 'POST {open} HTTP/1.1';
const host = 'host: hooks.example.com';
const json = 'content-type: application/json';
const unreadable = { status: 400, code: 'malformed_request', hangsUp: true } as const;

/** Another request in the body, which must never be answered. */
const hidden = 'POST /hook/hidden HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n';

function withHeaders(name: string, lines: readonly string[], body = '{}'): MalformedRequest {
  return { name, wire: head([first, host, json, ...lines], body), expected: unreadable };
}

function length(what: string, value: string): MalformedRequest {
  return withHeaders(`a Content-Length that is ${what}`, [`content-length: ${value}`]);
}

const lengths: MalformedRequest[] = [
  length('negative', '-1'),
  length('signed', '+2'),
  length('a fraction', '2.0'),
  length('hexadecimal', '0x2'),
  length('in scientific notation', '2e0'),
  length('two numbers', '2 2'),
  length('a list', '2, 2'),
  length('a list of different numbers', '2, 200'),
  length('empty', ''),
  length('a word', 'two'),
  length('in quotes', '"2"'),
  length('followed by a semicolon', '2;'),
  length('written with an underscore', '2_0'),
  length('followed by a NUL', '2\0'),
  length('in full-width digits', '\xef\xbc\x92'),
  length('2 to the power of 64', '18446744073709551616'),
  length('a hundred nines', '9'.repeat(100)),
  withHeaders('a Content-Length that is folded', ['content-length: 1', ' 2']),
  withHeaders(
    'two Content-Lengths that differ',
    ['content-length: 2', `content-length: ${hidden.length + 2}`],
    `{}${hidden}`,
  ),
  withHeaders('two Content-Lengths that are the same', ['content-length: 2', 'content-length: 2']),
  withHeaders('a Content-Length with a space before its colon', ['content-length : 2']),
];

const tooLong: MalformedRequest[] = [
  ['2 to the power of 63', '9223372036854775808'],
  ['2 to the power of 53', '9007199254740992'],
  ['4 GB and one byte', '4294967297'],
].map(([what = '', value = '']) => ({
  name: `a Content-Length of ${what}`,
  wire: head([first, host, json, `content-length: ${value}`], '{}'),
  expected: { status: 413, code: 'body_too_large', says: /\d/, hangsUp: true },
}));

const chunkedHeader = 'transfer-encoding: chunked';
const end = '2\r\n{}\r\n0\r\n\r\n';

const codings: MalformedRequest[] = [
  withHeaders('Content-Length before Transfer-Encoding', ['content-length: 2', chunkedHeader], `0\r\n\r\n${hidden}`),
  withHeaders('Transfer-Encoding before Content-Length', [chunkedHeader, 'content-length: 2'], `0\r\n\r\n${hidden}`),
  withHeaders(
    'Content-Length of the whole and Transfer-Encoding',
    [`content-length: ${5 + hidden.length}`, chunkedHeader],
    `0\r\n\r\n${hidden}`,
  ),
  withHeaders('an empty Transfer-Encoding', ['transfer-encoding:'], end),
  withHeaders('Transfer-Encoding identity', ['transfer-encoding: identity'], end),
  withHeaders('Transfer-Encoding gzip without chunked', ['transfer-encoding: gzip'], end),
  withHeaders('Transfer-Encoding gzip, chunked, which is not taken', ['transfer-encoding: gzip, chunked'], end),
  withHeaders('Transfer-Encoding identity, chunked', ['transfer-encoding: identity, chunked'], end),
  withHeaders('Transfer-Encoding chunked, gzip', ['transfer-encoding: chunked, gzip'], end),
  withHeaders('Transfer-Encoding chunked twice', ['transfer-encoding: chunked, chunked'], end),
  withHeaders('Transfer-Encoding xchunked', ['transfer-encoding: xchunked'], end),
  withHeaders('Transfer-Encoding chunked with a parameter', ['transfer-encoding: chunked;q=1'], end),
  withHeaders('Transfer-Encoding chunked in quotes', ['transfer-encoding: "chunked"'], end),
  withHeaders('Transfer-Encoding with a NUL', ['transfer-encoding: chun\0ked'], end),
  withHeaders('Transfer-Encoding with a vertical tab', ['transfer-encoding: \x0bchunked'], end),
  withHeaders('Transfer-Encoding with a space before its colon', ['transfer-encoding : chunked'], end),
  withHeaders('Transfer-Encoding identity before chunked', ['transfer-encoding: identity', chunkedHeader], end),
  withHeaders('Transfer-Encoding identity after chunked', [chunkedHeader, 'transfer-encoding: identity'], end),
  {
    name: 'Transfer-Encoding in HTTP/1.0, which has none',
    wire: head(['POST {open} HTTP/1.0', host, json, chunkedHeader], end),
    expected: unreadable,
  },
];

function chunks(name: string, body: string): MalformedRequest {
  return withHeaders(name, [chunkedHeader], body);
}

const brokenChunks: MalformedRequest[] = [
  chunks('a negative chunk size', '-2\r\n{}\r\n0\r\n\r\n'),
  chunks('a signed chunk size', '+2\r\n{}\r\n0\r\n\r\n'),
  chunks('a chunk size with 0x', '0x2\r\n{}\r\n0\r\n\r\n'),
  chunks('a chunk size that is no number', `g\r\n${canary}\r\n0\r\n\r\n`),
  chunks('an empty chunk size', '\r\n{}\r\n0\r\n\r\n'),
  chunks('a chunk size of 17 digits', 'fffffffffffffffff\r\n{}'),
  chunks('a space before the chunk size', ' 2\r\n{}\r\n0\r\n\r\n'),
  chunks('a space after the chunk size', '2 \r\n{}\r\n0\r\n\r\n'),
  chunks('a NUL after the chunk size', '2\0\r\n{}\r\n0\r\n\r\n'),
  chunks('a chunk that is longer than its size', `2\r\n{}${canary}\r\n0\r\n\r\n`),
  chunks('a chunk without its line end', '2\r\n{}0\r\n\r\n'),
  chunks('a chunk whose line end is LF alone', '2\r\n{}\n0\r\n\r\n'),
  chunks('chunk sizes that end with LF alone', '2\n{}\n0\n\n'),
  chunks('chunk sizes that end with CR alone', '2\r{}\r0\r\r'),
  chunks('a chunk extension with a line feed', '2;a\nb\r\n{}\r\n0\r\n\r\n'),
  chunks('a chunk extension with a NUL', '2;a\0\r\n{}\r\n0\r\n\r\n'),
  chunks('a trailer without a colon', '2\r\n{}\r\n0\r\nabc\r\n\r\n'),
  chunks('a trailer with a NUL', '2\r\n{}\r\n0\r\nx-a: b\0\r\n\r\n'),
  chunks('a Content-Length as a trailer', '2\r\n{}\r\n0\r\ncontent-length: 1\r\n\r\n'),
  chunks('a second chunk that is broken after a first of JSON', '2\r\n{}\r\nzz\r\n{}\r\n0\r\n\r\n'),
  {
    name: 'a chunk extension of 20,000 bytes',
    wire: head([first, host, json, chunkedHeader], `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    expected: { status: 413, hangsUp: true },
  },
  {
    name: 'a trailer of 20,000 bytes',
    wire: head([first, host, json, chunkedHeader], `2\r\n{}\r\n0\r\nx-a: ${'b'.repeat(20_000)}\r\n\r\n`),
    expected: { status: 431, hangsUp: true },
  },
];

const framing = {
  length: 'content-length: 20',
  chunked: chunkedHeader,
};
const truncated: MalformedRequest[] = (
  [
    ['before its body of a declared length', 'length', ''],
    ['within its body of a declared length', 'length', '{"petname":'],
    ['one byte before its declared length', 'length', '{"petname":"Gromit"'],
    ['before the first chunk', 'chunked', ''],
    ['within the first chunk size', 'chunked', '1'],
    ['after the first chunk size', 'chunked', '12\r\n'],
    ['within a chunk', 'chunked', '12\r\n{"petname"'],
    ['after a chunk that is whole JSON', 'chunked', '2\r\n{}\r\n'],
    ['within the last chunk', 'chunked', '2\r\n{}\r\n0'],
    ['before the line end of the last chunk', 'chunked', '2\r\n{}\r\n0\r\n'],
    ['within the trailers', 'chunked', '2\r\n{}\r\n0\r\nx-a: b'],
    ['because its chunk is shorter than its size', 'chunked', '9\r\n{}\r\n0\r\n\r\n'],
  ] as const
).map(([place, kind, body]) => ({
  name: `a request that ends ${place}`,
  wire: head([first, host, json, framing[kind]], body),
  afterwards: 'leaves',
  expected: unreadable,
}));

const pipelined: MalformedRequest[] = [
  {
    name: 'a request that is refused, with bytes of another within its declared length',
    wire: exact(
      `POST /hook/nobody HTTP/1.1\r\n${host}\r\nconnection: close\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
    ),
    expected: { status: 404, hangsUp: true },
  },
];

export const lengthsAndChunks: Subject = {
  name: 'lengths and chunks',
  requests: [...lengths, ...tooLong, ...codings, ...brokenChunks, ...truncated, ...pipelined],
};
