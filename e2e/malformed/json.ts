import { canary, framed, marked, utf8, type Expected, type MalformedRequest, type Subject } from './request.js';

const type = 'application/json';
const invalid = { status: 400, code: 'invalid_body' } as const;

/** JSON whose fault is where “¦” stands. */
function broken(name: string, document: string, how: { type?: string; method?: string } = {}): MalformedRequest {
  const { text, ...place } = marked(document);
  return {
    name: `JSON: ${name}`,
    wire: framed({ type, ...how, body: utf8(text) }),
    expected: { ...invalid, ...place, says: /line \d+, column \d+/ },
  };
}

function bytes(name: string, body: Buffer, expected: Expected = { ...invalid, says: /UTF-8/ }): MalformedRequest {
  return { name: `JSON: ${name}`, wire: framed({ type, body }), expected };
}

const structure: MalformedRequest[] = [
  broken('an empty body', '¦'),
  broken('white space alone', ' \r\n ¦'),
  broken('an object without its end', '{"petname": "Gromit"¦'),
  broken('an array without its end', '[1, [2]¦'),
  broken('an object that ends after a comma', '{"a": 1,¦'),
  broken('an object that ends after a colon', '{"a":¦'),
  broken('an object that ends after a name', '{"a"¦'),
  broken('a comma before the end of an object', '{"a": 1,¦}'),
  broken('a comma before the end of an array', '[1, 2,¦]'),
  broken('a comma before the first item', '[¦,1]'),
  broken('two commas', '{"a": 1,¦, "b": 2}'),
  broken('no comma between fields', '{"a": 1 ¦"b": 2}'),
  broken('no comma between items', '[1 ¦2]'),
  broken('no colon', '{"petname" ¦"Gromit"}'),
  broken('an equals sign instead of a colon', '{"petname" ¦= "Gromit"}'),
  broken('two colons', '{"a":¦: 1}'),
  broken('a semicolon instead of a comma', '{"a": 1¦; "b": 2}'),
  broken('no value', '{"a": ¦}'),
  broken('a value without a name', '{¦1}'),
  broken('a name that is a number', '{¦1: 2}'),
  broken('a name without quotes', `{¦${canary}: 1}`),
  broken('a name in single quotes', "{¦'petname': 1}"),
  broken('an object that ends as an array', '{"a": 1¦]'),
  broken('an array that ends as an object', '{"a": [1, 2¦}'),
  broken('a bracket too many', '{"a": 1}¦}'),
  broken('a bracket that closes nothing', '¦]'),
  broken('a colon in an array', '["a"¦: 1]'),
  broken('a fault in the third of many lines', '{\n  "a": 1,\n  ¦b: 2\n}'),
  broken('a fault in the third line after CR LF', '{\r\n  "a": 1,\r\n  ¦b: 2\r\n}'),
  broken('a fault behind characters of several bytes', '{"größe": "€", "a": ¦x}'),
  broken('a fault on line 1,001', `[\n${'1,\n'.repeat(999)}¦}`),
];

const trailing: MalformedRequest[] = [
  broken('a second document', '{"a": 1} ¦{"b": 2}'),
  broken('a document for each line', '{"a": 1}\n¦{"b": 2}\n'),
  broken('a word after the document', `{"a": 1} ¦${canary}`),
  broken('a NUL after the document', '{"a": 1}¦\0'),
  broken('a comma after the document', '{"a": 1}¦,'),
  broken('a form feed before the document', '¦\f{"a": 1}'),
  broken('a no-break space before the document', '¦\u00a0{"a": 1}'),
  broken('a byte order mark within the document', '{¦\ufeff"a": 1}'),
  broken('a guard against inclusion before the document', '¦)]}\',\n{"a": 1}'),
  broken('a call around the document', '¦callback({"a": 1})'),
  broken('a comment of one line', '¦// a\n{"a": 1}'),
  broken('a comment between fields', '{"a": 1, ¦/* b */ "b": 2}'),
  broken('a comment of YAML', '¦# a\na: 1'),
  broken('XML', '¦<a/>'),
  broken('a form', '¦petname=Gromit&petstatus=Sold'),
];

const values: MalformedRequest[] = [
  ...['True', 'NULL', 'undefined', 'NaN', 'Infinity', '-Infinity', 'nil', 'tru', 'truee', 'new Date()'].map((word) =>
    broken(`the word ${word}`, `{"a": ¦${word}}`),
  ),
  ...['01', '-01', '1.', '.5', '+1', '-', '1e', '1e+', '0x1F', '1_000', '٣', '1n', '--1'].map((number) =>
    broken(`the number ${number}`, `[¦${number}]`),
  ),
  broken('a string without its end', `{"a": ¦"${canary}`),
  broken('a string that ends with a backslash', '["¦\\'),
  broken('a string in back-ticks', '{"a": ¦`b`}'),
  broken('an escape that there is not', '["a¦\\x41"]'),
  broken('an escape of a single quote', '["it¦\\\'s"]'),
  broken('an escape with a letter that is no digit', '["¦\\u12g4"]'),
  broken('an escape of two digits', '["¦\\u12"]'),
  broken('a line break within a string', '["a¦\nb"]'),
  broken('a tab within a string', '["a¦\tb"]'),
  broken('a NUL within a string', '["a¦\0b"]'),
  broken('an escape character within a name', '{"a¦\x1b": 1}'),
];

const ofOtherRequests: MalformedRequest[] = [
  broken('a fault in a PUT', '{"a": ¦}', { method: 'PUT' }),
  broken('a fault in a PATCH', '{"a": ¦}', { method: 'PATCH' }),
  broken('a fault in the body of a DELETE', '{"a": ¦}', { method: 'DELETE' }),
  broken('a fault in the body of a GET', '{"a": ¦}', { method: 'GET' }),
  broken('a fault in a CloudEvent', '{"specversion": "1.0"¦', { type: 'application/cloudevents+json' }),
  broken('a fault in a problem', '{"title": ¦}', { type: 'application/problem+json; charset=utf-8' }),
  broken('a fault under a type in upper case', '{"a" ¦1}', { type: 'APPLICATION/JSON' }),
];

const depth = 100_000;
const tooDeep = { ...invalid, line: 1, says: /levels deep/ };
const nested: MalformedRequest[] = [
  bytes('100,000 arrays', utf8('['.repeat(depth) + ']'.repeat(depth)), tooDeep),
  bytes('100,000 arrays that do not end', utf8('['.repeat(depth)), tooDeep),
  bytes('100,000 objects', utf8('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)), tooDeep),
  bytes('100,000 objects that do not end', utf8('{"a":'.repeat(depth)), tooDeep),
  bytes('50,000 objects and arrays by turns', utf8('[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2)), tooDeep),
  bytes('100,000 arrays in the last field', utf8(`{"a": 1, "b": ${'['.repeat(depth)}${']'.repeat(depth)}}`), tooDeep),
  bytes(
    '100,000 arrays after a million brackets in a string',
    utf8(`["${'['.repeat(1_000_000)}", ${'['.repeat(depth)}`),
    tooDeep,
  ),
  bytes('4,000,000 arrays', utf8('['.repeat(4_000_000)), tooDeep),
  bytes('one bracket that closes nothing after 400 levels', utf8(`${'['.repeat(400)}${']'.repeat(401)}`), invalid),
];

const prototypeKey = { ...invalid, says: /__proto__/ };
/** JSON that is well-formed, but has a key that could change a prototype, where “¦” stands. */
function prototype(name: string, document: string): MalformedRequest {
  const { text, ...place } = marked(document);
  return { name: `JSON: ${name}`, wire: framed({ type, body: utf8(text) }), expected: { ...prototypeKey, ...place } };
}

const prototypes: MalformedRequest[] = [
  prototype('__proto__', '{¦"__proto__": {"admin": true}}'),
  prototype('__proto__ of null', '{¦"__proto__": null}'),
  prototype('__proto__ of a text', '{¦"__proto__": "a"}'),
  prototype('__proto__ on the third line', '{\n  "a": 1,\n  ¦"__proto__" : {}\n}'),
  prototype('__proto__ in an object in an object', `{"a": {"b": {¦"__proto__": {"${canary}": 1}}}}`),
  prototype('__proto__ in an array', `[1, [{¦"__proto__": {}}]]`),
  prototype('__proto__ 300 levels deep', `${'{"a":'.repeat(300)}{¦"__proto__":1}${'}'.repeat(300)}`),
  prototype('__proto__ after the same key escaped', '{"\\u005f_proto__": 1, "a": {"__proto__": 2}}'),
  prototype('__proto__ of which a letter is escaped', '{"\\u005f_proto__": 1}'),
  prototype('__proto__ of which the middle is escaped', '{"__pr\\u006fto__": 1}'),
  prototype(
    '__proto__ of which all is escaped',
    '{"\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f": {"a": 1}}',
  ),
  prototype('constructor.prototype', '{¦"constructor": {"prototype": {"admin": true}}}'),
  prototype('constructor.prototype of null', '{¦"constructor": {"prototype": null}}'),
  prototype('constructor.prototype among other fields', '{"a": 1, ¦"constructor": {"b": 2, "prototype": {}}}'),
  prototype('constructor.prototype in an array of objects', '[{"a": {¦"constructor": {"prototype": {}}}}]'),
  prototype('constructor.prototype with an escaped constructor', '{"\\u0063onstructor": {"prototype": {}}}'),
  prototype('constructor.prototype with an escaped prototype', '{¦"constructor": {"\\u0070rototype": {}}}'),
];

const encodings: MalformedRequest[] = [
  bytes('a byte that UTF-8 never has', Buffer.from('7b2261223a22ff227d', 'hex')),
  bytes('a continuation without its beginning', Buffer.from('7b2261223a2280227d', 'hex')),
  bytes('a beginning without its continuation', Buffer.from('7b2261223a22e282227d', 'hex')),
  bytes('a character that the end of the body cuts', Buffer.from('7b2261223a22e282', 'hex')),
  bytes('a slash in overlong UTF-8', Buffer.from('7b2261223a22c0af227d', 'hex')),
  bytes('half a surrogate pair', Buffer.from('7b2261223a22eda080227d', 'hex')),
  bytes('a character beyond Unicode', Buffer.from('7b2261223a22f4908080227d', 'hex')),
  bytes('a broken byte in a name', Buffer.from('7b2261fe223a317d', 'hex')),
  bytes('ISO 8859-1 without saying so', Buffer.from('{"city": "Köln"}', 'latin1')),
  bytes('UTF-16 with its mark and without saying so', Buffer.from('\ufeff{"a": 1}', 'utf16le')),
  bytes('UTF-16 without its mark', Buffer.from('{"a": 1}', 'utf16le'), { ...invalid, line: 1, column: 2 }),
  bytes('UTF-16 of big end without its mark', Buffer.from('{"a": 1}', 'utf16le').swap16(), {
    ...invalid,
    line: 1,
    column: 1,
  }),
  bytes('UTF-32', Buffer.from('7b0000007d000000', 'hex'), { ...invalid, line: 1, column: 2 }),
  bytes('a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')),
  bytes('a NUL alone', Buffer.alloc(1), { ...invalid, line: 1, column: 1 }),
];

const large: MalformedRequest[] = [
  bytes('a fault after nine million line feeds', Buffer.concat([Buffer.alloc(9_000_000, '\n'), utf8('}')]), {
    ...invalid,
    line: 9_000_001,
    column: 1,
  }),
  bytes('a string of nine million letters without its end', Buffer.concat([utf8('["'), Buffer.alloc(9_000_000, 'a')]), {
    ...invalid,
    line: 1,
    column: 2,
  }),
  bytes('a million commas', utf8(`[${'1,'.repeat(1_000_000)}]`), { ...invalid, line: 1, column: 2_000_002 }),
  bytes('a million backslashes', utf8(`["${'\\'.repeat(1_000_001)}"]`), { ...invalid, line: 1 }),
];

export const json: Subject = {
  name: 'JSON',
  requests: [
    ...structure,
    ...trailing,
    ...values,
    ...ofOtherRequests,
    ...nested,
    ...prototypes,
    ...encodings,
    ...large,
  ],
};
