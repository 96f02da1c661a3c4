import { canary, exact, framed, head, type MalformedRequest, type Subject } from './request.js';

const first = 'POST {open} HTTP/1.1';
const host = 'host: hooks.example.com';
const unreadable = { status: 400, code: 'malformed_request', hangsUp: true } as const;
/** It can be told where such a request ends, so the connection may live on. */
const malformed = { status: 400, code: 'malformed_request' } as const;
const tooLarge = { status: 431, code: 'headers_too_large', hangsUp: true } as const;

/** A request without a body and with a header, or several, of that text. */
function field(name: string, ...lines: string[]): MalformedRequest {
  return { name, wire: head([first, host, ...lines]), expected: unreadable };
}

function flood(name: string, lines: string[]): MalformedRequest {
  return { name, wire: head([first, host, ...lines]), expected: tooLarge };
}

const names: MalformedRequest[] = [
  field('a header without a colon', canary),
  field('a header without a name', ': value'),
  field('a header name with a space', 'x a: value'),
  field('a space before the colon', 'x-a : value'),
  field('a tab before the colon', 'x-a\t: value'),
  field('a header name with a NUL', 'x-\0a: value'),
  field('a header name with a byte beyond ASCII', 'x-\xe4: value'),
  field('a header name with a parenthesis', 'x-a(b): value'),
  field('a header name in quotes', '"x-a": value'),
  field('a header name with a backslash', 'x\\a: value'),
  field('a header name with @', 'x@a: value'),
  field('a header name with a slash', 'x/a: value'),
];

const values: MalformedRequest[] = [
  field('a header value with a NUL', `x-a: ${canary}\0b`),
  field('a header value with a carriage return', `x-a: ${canary}\rb`),
  field('a header value with a line feed', `x-a: ${canary}\nx-b: c`),
  field('a header value with a control character', 'x-a: b\x01c'),
  field('a header value with DEL', 'x-a: b\x7fc'),
  field('a header value that is folded with a space', 'x-a: b', ' c'),
  field('a header value that is folded with a tab', 'x-a: b', '\tc'),
  field('a header value that is folded before it begins', 'x-a:', ' b'),
  { name: 'a folded line before the first header', wire: head([first, ' x-a: b', host]), expected: unreadable },
  { name: 'an empty line that ends with LF alone', wire: exact(`${first}\r\n${host}\r\n\n`), expected: unreadable },
  { name: 'an empty line of CR and another byte', wire: exact(`${first}\r\n${host}\r\n\rX`), expected: unreadable },
];

// RFC 9112 §3.2: neither without one, nor with two, nor with one that cannot be read.
const hosts: MalformedRequest[] = (
  [
    ['no Host', []],
    ['no Host but X-Forwarded-Host', ['x-forwarded-host: a']],
    ['two Hosts that differ', [host, 'host: other.example.com']],
    ['two Hosts that are the same', [host, host]],
    ['a Host with a space', ['host: hooks example.com']],
    ['a Host with a user and a path', ['host: user@a/b']],
    ['a Host with a port that is no number', ['host: a:http']],
    ['a Host that is a list', ['host: a, b']],
    ['a Host with an address that does not end', ['host: [::1']],
  ] as const
).map(([name, lines]) => ({
  name,
  wire: head([first, ...lines, 'content-length: 2'], '{}'),
  expected: { ...malformed, says: /Host/ },
}));

const meanings: MalformedRequest[] = [
  {
    name: 'an expectation that nobody can meet',
    wire: head([first, host, 'expect: tea', 'content-length: 2'], '{}'),
    expected: { status: [400, 417], says: /100-continue/ },
  },
  {
    name: 'two expectations, one of which nobody can meet',
    wire: head([first, host, 'expect: 100-continue, tea', 'content-length: 2'], '{}'),
    expected: { status: [400, 417], says: /100-continue/ },
  },
];

// To a pattern that tries each of the spaces as an end, this is a second of work.
const manySpaces = ' '.repeat(15_000);
const slowToRead: MalformedRequest[] = [
  {
    name: 'a Content-Type of 15,000 spaces and a quote',
    wire: framed({ type: `a/b; x=${manySpaces}"`, body: '{}' }),
    expected: { status: 415, code: 'unsupported_media_type' },
  },
  {
    name: 'a Content-Type of 15,000 spaces and a quote, without a signature',
    wire: framed({ flow: 'hmac', type: `a/b; x=${manySpaces}"`, body: '{}' }),
    expected: { status: [401, 415] },
  },
];

const headerLines = (count: number, text: (at: number) => string): string[] =>
  Array.from({ length: count }, (_item, at) => text(at));

const floods: MalformedRequest[] = [
  flood('a header value of 20,000 bytes', [`x-a: ${canary}${'b'.repeat(20_000)}`]),
  flood('a header name of 20,000 bytes', [`${'b'.repeat(20_000)}: a`]),
  flood('a header value of 20,000 spaces', [`x-a: b${' '.repeat(20_000)}c`]),
  flood('a header value of 1 MB', [`x-a: ${'b'.repeat(1_000_000)}`]),
  flood(
    '2,000 headers with values',
    headerLines(2_000, (at) => `x-${at}: value`),
  ),
  // These are within the size that Node takes, and it would drop half of them in silence.
  {
    name: '2,000 empty headers with the shortest of names',
    wire: head([first, host, ...headerLines(2_000, (at) => `${at.toString(36)}:`)]),
    expected: { status: 431, code: 'headers_too_large' },
  },
  {
    name: '2,000 times the same header',
    wire: head([first, host, ...headerLines(2_000, () => 'a:b')]),
    expected: { status: 431, code: 'headers_too_large' },
  },
  flood(
    '20,000 headers',
    headerLines(20_000, (at) => `x-${at}: value`),
  ),
  flood(
    '2,000 cookies',
    headerLines(2_000, (at) => `cookie: a${at}=${canary}`),
  ),
  flood('one cookie of 2,000 pairs', [`cookie: ${headerLines(2_000, (at) => `a${at}=b${at}`).join('; ')}`]),
  flood('an Accept of 20,000 bytes', [`accept: ${'a/b,'.repeat(5_000)}`]),
  flood('a Content-Type of 20,000 bytes', [`content-type: text/plain; a="${'b'.repeat(20_000)}"`]),
  flood('2,000 entries in Forwarded', [`x-forwarded-for: ${headerLines(2_000, () => '192.0.2.1').join(', ')}`]),
  {
    name: 'a header that never ends, of 4 MB',
    wire: exact(`${first}\r\n${host}\r\nx-a: `, 'b'.repeat(4_000_000)),
    expected: tooLarge,
  },
  {
    name: 'a URL of 20,000 bytes',
    wire: framed({ path: `/${'a'.repeat(20_000)}` }),
    expected: { ...tooLarge, status: [414, 431] },
  },
  {
    name: 'a query of 2,000 parameters in 20,000 bytes',
    wire: framed({ path: `?${headerLines(2_000, (at) => `parameter${at}=1`).join('&')}` }),
    expected: { ...tooLarge, status: [414, 431] },
  },
];

const truncated: MalformedRequest[] = [
  ['within the name of a header', `${first}\r\nho`],
  ['after the colon of a header', `${first}\r\nhost:`],
  ['within the value of a header', `${first}\r\n${host}`],
  ['before the empty line', `${first}\r\n${host}\r\n`],
  ['within the empty line', `${first}\r\n${host}\r\n\r`],
].map(([place = '', text = '']) => ({
  name: `a request that ends ${place}`,
  wire: exact(text),
  afterwards: 'leaves',
  expected: unreadable,
}));

export const headerFields: Subject = {
  name: 'headers',
  requests: [...names, ...values, ...hosts, ...meanings, ...slowToRead, ...floods, ...truncated],
};
