import fc from 'fast-check';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { readBuffered } from './buffered.js';

function readBytes(bytes: Buffer, contentType = 'application/xml') {
  return readBuffered('xml', contentType, bytes, { maxBodyBytes: 10_000_000 });
}

function read(text: string): unknown {
  const result = readBytes(Buffer.from(text));
  if (!result.ok) throw new Error(result.fault.message);
  return JSON.parse(result.json.toString()) as unknown;
}

function fault(text: string) {
  const result = readBytes(Buffer.from(text));
  return result.ok ? undefined : result.fault;
}

describe('an XML body', () => {
  it.each([
    ['<pet/>', { pet: '' }],
    ['<?xml version="1.0"?>\n<!-- a pet --><pet>Rex</pet>\n<?end?>', { pet: 'Rex' }],
    ['<a>007</a>', { a: '007' }],
    ['<a b="1" c=\'"\'/>', { a: { '@b': '1', '@c': '"' } }],
    ['<a b="x">y</a>', { a: { '@b': 'x', '#text': 'y' } }],
    ['<a>\n  <b>1</b>\n  <b> 2 </b>\n  <c/>\n</a>', { a: { b: ['1', ' 2 '], c: '' } }],
    ['<a>Hello <b>dear</b> world</a>', { a: { b: 'dear', '#text': 'Hello  world' } }],
    ['<a> \n </a>', { a: '' }],
    ['<a><![CDATA[ <b>&amp; ]]> &amp;</a>', { a: ' <b>&amp;  &' }],
    ['<a><![CDATA[ ]]></a>', { a: ' ' }],
    ['<a>&lt;&gt;&quot;&apos;&#65;&#x1F600;&#13;</a>', { a: '<>"\'A😀\r' }],
    ['<a b="1&#10;2\n3\r\n4">x\r\ny\rz</a>', { a: { '@b': '1\n2 3 4', '#text': 'x\ny\nz' } }],
    ['<s:e xmlns:s="urn:s" s:k="v"><s:b/></s:e>', { 's:e': { '@xmlns:s': 'urn:s', '@s:k': 'v', 's:b': '' } }],
    ['<größe ö="ü">é</größe>', { größe: { '@ö': 'ü', '#text': 'é' } }],
    ['<constructor>Ford</constructor>', { constructor: 'Ford' }],
    ['<a><toString/><hasOwnProperty>1</hasOwnProperty></a>', { a: { toString: '', hasOwnProperty: '1' } }],
    ['<a >x</a\n>', { a: 'x' }],
  ])('%s is taken', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['', 1, 1],
    ['{}', 1, 1],
    ['<a>', 1, 1],
    ['<a>\n<b></a></b>', 2, 4],
    ['<a/><b/>', 1, 5],
    ['<a/>x', 1, 5],
    ['<a/>\n\n</a>', 3, 1],
    ['<a><!-- x</a>', 1, 4],
    ['<a><!-- x -- y --></a>', 1, 11],
    ['<a><![CDATA[x</a>', 1, 4],
    ['<a>]]></a>', 1, 4],
    ['<a b="<"/>', 1, 3],
    ['<a b=1/>', 1, 3],
    ['<a b/>', 1, 3],
    ['<a b="1"c="2"/>', 1, 9],
    ['<a b="1" b="2"/>', 1, 9],
    ['<1a/>', 1, 1],
    ['<a', 1, 3],
    ['<a><?xml version="1.0"?></a>', 1, 4],
    ['<?xml version="2.0"?><a/>', 1, 1],
    ['<a>\u0001</a>', 1, 4],
    ['<a>&#0;</a>', 1, 4],
    ['<a>&#xD800;</a>', 1, 4],
    ['<a>&#x110000;</a>', 1, 4],
    ['<a>1 &lt;\r\n &amp; & 2</a>', 2, 8],
    ['<a>&nbsp;</a>', 1, 4],
    ['<a>\n<b c="&amp;&xxe;"/></a>', 2, 12],
  ])('%j is refused with line and column', (text, line, column) => {
    expect(fault(text)).toMatchObject({ code: 'invalid_body', line, column });
  });

  it('with a document type is refused, so that no entity is ever defined or fetched', () => {
    const laughs = `<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from(
      { length: 9 },
      (_, at) => `<!ENTITY lol${at + 1} "${`&lol${at === 0 ? '' : at};`.repeat(10)}">`,
    ).join('')}]>\n<lolz>&lol9;</lolz>`;
    expect(fault(laughs)).toMatchObject({ code: 'invalid_body', line: 2, column: 1 });
    expect(fault(laughs)?.message).toContain('DOCTYPE');
    expect(fault('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')?.message).toContain('DOCTYPE');
    expect(fault('<!DOCTYPE a [<!ENTITY x SYSTEM "http://169.254.169.254/">]><a>&x;</a>')?.message).toContain(
      'DOCTYPE',
    );
    expect(fault('<a><!ENTITY x "y"></a>')).toMatchObject({ code: 'invalid_body' });
  });

  it('that nests too deep is refused, where a list counts as a level', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(fault(nested(499))).toBeUndefined();
    expect(fault(nested(501))).toMatchObject({ code: 'invalid_body', line: 1, column: 1501 });
    expect(fault('<a>'.repeat(100_000))).toMatchObject({ code: 'invalid_body' });
    expect(fault(`${'<a><b/><b>'.repeat(200)}${'</b></a>'.repeat(200)}`)).toMatchObject({ code: 'invalid_body' });
  });

  it.each(['<__proto__/>', '<a><__proto__>x</__proto__></a>', '<constructor><prototype/></constructor>'])(
    '%s that would change a prototype is refused',
    (text) => {
      expect(fault(text)).toMatchObject({ code: 'invalid_body' });
    },
  );

  it('is read in the charset of the content type, else of its mark or declaration', () => {
    const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a>é</a>`;
    const value = (bytes: Buffer, contentType?: string) => {
      const result = readBytes(bytes, contentType);
      return result.ok ? (JSON.parse(result.json.toString()) as unknown) : result.fault.code;
    };
    expect(value(Buffer.from(declared('ISO-8859-1'), 'latin1'))).toEqual({ a: 'é' });
    expect(value(Buffer.from(declared('ISO-8859-1')), 'text/xml; charset=utf-8')).toEqual({ a: 'é' });
    expect(value(Buffer.from(declared('utf-16'), 'utf16le'))).toEqual({ a: 'é' });
    expect(value(Buffer.from(declared('utf-16'), 'utf16le').swap16())).toEqual({ a: 'é' });
    expect(value(Buffer.from(`\ufeff${declared('utf-16')}`, 'utf16le'))).toEqual({ a: 'é' });
    expect(value(Buffer.from(declared('utf-16')))).toEqual({ a: 'é' });
    expect(value(Buffer.from(`\ufeff${declared('UTF-8')}`))).toEqual({ a: 'é' });
    expect(value(Buffer.from(declared('martian')))).toBe('unsupported_media_type');
  });

  it('means what an independent reader makes of it', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'ns:d');
    const text = fc.string({ unit: fc.constantFrom('x', '7', '<', '&', '"', '>', 'é', '😀') }).map((s) => `t${s}`);
    const { element } = fc.letrec<{ element: Record<string, unknown> }>((tie) => ({
      element: fc
        .tuple(
          fc.dictionary(name, fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 }), tie('element')), {
            minKeys: 1,
            noNullPrototype: true,
          }),
          fc.dictionary(
            name.map((key) => `@${key}`),
            text,
            { noNullPrototype: true },
          ),
        )
        .map(([elements, attributes]) => ({ ...elements, ...attributes })),
    }));
    const options = { ignoreAttributes: false, attributeNamePrefix: '@' };
    fc.assert(
      fc.property(element, fc.boolean(), (value, format) => {
        const xml = new XMLBuilder({ ...options, format }).build({ root: value });
        expect(read(xml)).toEqual({ root: value });
        expect(read(xml)).toEqual(new XMLParser({ ...options, parseTagValue: false }).parse(xml));
      }),
    );
  });

  it('that is cut or altered anywhere is refused or read, and never throws', () => {
    const document = '<?xml version="1.0"?><a b="c&amp;"><!-- d --><![CDATA[e]]>f<?g h?><i/>&#65;</a>';
    fc.assert(
      fc.property(
        fc.nat(document.length),
        fc.constantFrom('', '<', '>', '&', ']]>', '"', '</', '<!', '<?'),
        (at, put) => {
          const result = readBytes(Buffer.from(document.slice(0, at) + put));
          expect(result.ok || result.fault.code).toBeTruthy();
          readBytes(Buffer.from(document.slice(0, at) + put + document.slice(at)));
        },
      ),
    );
  });

  it('is read in a time that grows only with its length', () => {
    const size = 200_000;
    for (const text of ['<a>'.repeat(400) + '<!--'.repeat(size), `<a ${'b '.repeat(size)}`, `<a>${'&'.repeat(size)}`]) {
      expect(fault(text)).toMatchObject({ code: 'invalid_body' });
    }
    expect(read(`<a>${'<b/>'.repeat(size)}</a>`)).toMatchObject({ a: {} });
  });
});
