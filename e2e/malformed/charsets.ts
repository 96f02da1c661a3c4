import { canary, framed, utf8, type MalformedRequest, type Subject } from './request.js';

const unsupported = { status: 415, code: 'unsupported_media_type', says: /charset/ } as const;
const invalid = { status: 400, code: 'invalid_body', says: /charset|UTF-8/ } as const;

const samples = {
  'application/json': '{"petname": "Gromit"}',
  'application/xml': '<pet>Gromit</pet>',
  'application/x-www-form-urlencoded': 'petname=K%f6ln',
  'text/csv': 'name\nGromit\n',
  'text/plain': 'Gromit',
} as const;
type TextType = keyof typeof samples;
const textTypes = Object.keys(samples) as TextType[];

const unknown: MalformedRequest[] = [
  ...textTypes.map((type) => ({
    name: `a charset that nobody knows of ${type}`,
    wire: framed({ type: `${type}; charset=klingon`, body: samples[type] }),
    expected: unsupported,
  })),
  ...[
    'utf-7',
    'utf-32',
    'utf8mb4',
    'latin-1',
    'ebcdic-cp-us',
    'binary',
    '*',
    '__proto__',
    canary,
    'a'.repeat(1_000),
  ].map((charset) => ({
    name: `the charset ${charset.slice(0, 30)}`,
    wire: framed({ type: `application/json; charset=${charset}`, body: '{}' }),
    expected: unsupported,
  })),
  ...['utf-16', 'utf-16be', 'iso-2022-jp'].map((charset) => ({
    name: `a form in ${charset}, in which its signs mean something else`,
    wire: framed({
      type: `application/x-www-form-urlencoded; charset=${charset}`,
      body: Buffer.from('petname=Gromit', 'utf16le'),
    }),
    expected: unsupported,
  })),
];

/** Bytes that are none of a charset's, as JSON, XML, a table and text. */
const faulty: [charset: string, what: string, bytes: Buffer][] = [
  ['utf-8', 'a byte that there is not', Buffer.from('61ff62', 'hex')],
  ['utf-16le', 'a byte too few', Buffer.from('610062', 'hex')],
  ['utf-16be', 'a byte too few', Buffer.from('006100', 'hex')],
  ['utf-16le', 'half a surrogate pair', Buffer.from('610000d86200', 'hex')],
  ['utf-16be', 'the second half of a surrogate pair', Buffer.from('0061dc000062', 'hex')],
  ['shift_jis', 'a character that is cut', Buffer.from('6181', 'hex')],
  ['euc-jp', 'a character that there is not', Buffer.from('61a0ff62', 'hex')],
  ['euc-kr', 'a character that is cut', Buffer.from('61b0', 'hex')],
  ['big5', 'a character that there is not', Buffer.from('6181ff62', 'hex')],
  ['gb18030', 'a character that is cut', Buffer.from('61813081', 'hex')],
];
const wrongBytes: MalformedRequest[] = faulty.flatMap(([charset, what, bytes]) =>
  (['text/plain', 'application/json'] as const).map((type) => ({
    name: `${what} in ${charset} of ${type}`,
    wire: framed({ type: `${type}; charset=${charset}`, body: bytes }),
    expected: invalid,
  })),
);

const others: MalformedRequest[] = [
  ...(['application/xml', 'text/csv'] as const).flatMap((type) => [
    {
      name: `bytes that are no UTF-8 in ${type} that says it is`,
      wire: framed({ type: `${type}; charset=utf-8`, body: Buffer.concat([utf8(samples[type]), Buffer.from([0xff])]) }),
      expected: invalid,
    },
    {
      name: `UTF-16 with a byte too few in ${type}`,
      wire: framed({ type: `${type}; charset=utf-16le`, body: Buffer.from(samples[type], 'utf16le').subarray(1) }),
      expected: { status: 400, code: 'invalid_body' } as const,
    },
  ]),
  {
    name: 'text that is no UTF-8 and names no charset',
    wire: framed({ type: 'text/plain', body: `K\xf6ln ${canary}` }),
    expected: invalid,
  },
  {
    name: 'text that begins as UTF-8 with a mark and is none',
    wire: framed({ type: 'text/plain', body: '\xef\xbb\xbfK\xf6ln' }),
    expected: invalid,
  },
  {
    name: 'text that begins as UTF-16 with a mark and breaks off',
    wire: framed({ type: 'text/plain', body: '\xff\xfea\0b' }),
    expected: invalid,
  },
  {
    name: 'a form whose escapes are no UTF-8, which it names',
    wire: framed({
      type: 'application/x-www-form-urlencoded; charset=utf-8',
      body: samples['application/x-www-form-urlencoded'],
    }),
    expected: invalid,
  },
  {
    name: 'JSON in UTF-8 that says it is UTF-16',
    wire: framed({ type: 'application/json; charset=utf-16', body: '{"petname":"Gromit"}' }),
    expected: { status: 400, code: 'invalid_body' },
  },
];

export const charsets: Subject = { name: 'charsets', requests: [...unknown, ...wrongBytes, ...others] };

const unreadable = { status: 415, code: 'unsupported_media_type', says: /content type/ } as const;
const typeFaults: MalformedRequest[] = [
  'json',
  'application',
  'application/',
  '/json',
  'application/json/xml',
  'application json',
  'application/json application/xml',
  'application/json, text/plain',
  'application/json;charset',
  'application/json; charset utf-8',
  'application/json; charset="utf-8',
  'application/json; charset=utf-8; charset=utf-16',
  'application/json; =utf-8',
  'application/json; charset="utf-8"x',
  '"application/json"',
  '<application/json>',
  'application/js\xf6n',
  'application/[json]',
  'null',
  '; charset=utf-8',
  '()',
  `${canary} ${canary}`,
].map((type) => ({
  name: `the content type ${type}`,
  wire: framed({ type, body: '{}' }),
  expected: unreadable,
}));

const otherTypeFaults: MalformedRequest[] = [
  ...['PUT', 'PATCH'].map((method) => ({
    name: `a content type that cannot be read in a ${method}`,
    wire: framed({ method, type: 'json', body: '{}' }),
    expected: unreadable,
  })),
  {
    name: 'a content type that cannot be read of a body in chunks',
    wire: framed({ type: 'json', body: '{}', chunkBytes: 1 }),
    expected: unreadable,
  },
  {
    name: 'a content type that cannot be read of a body of 5 MB',
    wire: framed({ type: 'json', body: () => Buffer.alloc(5_000_000) }),
    expected: unreadable,
  },
  {
    name: 'two content types that differ',
    wire: framed({ type: 'application/json', headers: ['content-type: text/plain'], body: '{}' }),
    expected: { status: [400, 415] },
  },
  {
    name: 'a content type of 10,000 parameters',
    wire: framed({ type: `text/plain${';a=b'.repeat(3_000)}`, body: 'a' }),
    expected: unreadable,
  },
];

export const contentTypes: Subject = { name: 'content types', requests: [...typeFaults, ...otherTypeFaults] };
