import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBuffered } from './buffered.js';

function read(body: string | Buffer, { contentType = 'text/csv', maxBodyBytes = 1_000_000 } = {}): unknown {
  const result = readBuffered('csv', contentType, Buffer.from(body), { maxBodyBytes });
  return result.ok ? (JSON.parse(result.json.toString()) as unknown) : result.fault;
}

describe('a CSV body', () => {
  it.each([
    ['', []],
    ['a,b', []],
    ['a,b\n1,2\n', [{ a: '1', b: '2' }]],
    [
      'a,b\r\n007,"x, ""y""\nz"\r\n,\r\n',
      [
        { a: '007', b: 'x, "y"\nz' },
        { a: '', b: '' },
      ],
    ],
    ['a;b,c;d\n1;2;3', [{ a: '1', 'b,c': '2', d: '3' }]],
    ['a\tb\n1\t2,5', [{ a: '1', b: '2,5' }]],
    ['"a;a";"b,,"\n1;2', [{ 'a;a': '1', 'b,,': '2' }]],
    ['\ufeffname\nRex\n\nBello\n', [{ name: 'Rex' }, { name: 'Bello' }]],
    ['constructor,2,1\nFord,x,y', [{ constructor: 'Ford', 2: 'x', 1: 'y' }]],
    ['a,b\r1,"2\r3"\r', [{ a: '1', b: '2\r3' }]],
  ])('%j becomes its rows', (body, expected) => {
    expect(read(body)).toEqual(expected);
  });

  it('says what its sender put into it', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', ';', '\t', '\n', ' ', '😀') });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const table = fc
      .uniqueArray(cell, { minLength: 2, maxLength: 4 })
      .chain((header) =>
        fc.tuple(
          fc.constant(header),
          fc.array(fc.array(cell, { minLength: header.length, maxLength: header.length }), { maxLength: 5 }),
        ),
      );
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        ([header, rows], comma, end) => {
          fc.pre(header.every((name) => !name.includes('\n')));
          const text = [header, ...rows].map((row) => row.map(quoted).join(comma)).join(end);
          const expected = rows.map((row) => Object.fromEntries(row.map((value, at) => [header[at] ?? '', value])));
          expect(read(text)).toEqual(expected);
        },
      ),
    );
  });

  it.each([
    ['a,b\n1,2\n3\n', 3],
    ['a,b\n1,2,3', 2],
    ['a,b\n\n"x\ny",1\n2', 5],
    ['a,b\n"1,2', 2],
    ['a,b\n"1"x,2', 2],
    ['a,b\n1"x,2', 2],
    ['a,a\n1,2', 1],
    ['__proto__,a\n1,2', 1],
  ])('%j is refused with its line and without its words', (body, line) => {
    expect(read(body)).toEqual({
      code: 'invalid_body',
      line,
      message: expect.not.stringMatching(/[123]x|"1/) as string,
    });
  });

  it('of many rows has them all, and tells the line of a fault in any of them', () => {
    const rows = Array.from({ length: 60_000 }, (_row, at) => `${at},"a ""quoted""\n\ntext"`);
    const table = (more: string) => ['id,text', ...rows, more].join('\n');
    const maxBodyBytes = 10_000_000;
    const expected = rows.map((_row, at) => ({ id: String(at), text: 'a "quoted"\n\ntext' }));
    expect(read(table(''), { maxBodyBytes })).toEqual(expected);
    for (const fault of ['1', '1,2,3', '1,"2', '1,2"', '1,"2"3']) {
      expect(read(table(fault), { maxBodyBytes })).toMatchObject({ code: 'invalid_body', line: 180_002 });
    }
    // The first row of a slice is compared with the header, too.
    const short = 'x'.repeat(300_000);
    expect(read(`a,b\n${short},1\n1\n`)).toMatchObject({ code: 'invalid_body', line: 3 });
  });

  it('is read in its charset, or that of its mark', () => {
    expect(read(Buffer.from('a\né', 'latin1'), { contentType: 'text/csv; charset=windows-1252' })).toEqual([
      { a: 'é' },
    ]);
    expect(read(Buffer.from('\ufeffa\tb\né\t1', 'utf16le'))).toEqual([{ a: 'é', b: '1' }]);
    expect(read(Buffer.from('a\né', 'latin1'))).toMatchObject({ code: 'invalid_body' });
  });

  it('that would become far larger as JSON is refused before it does', () => {
    const body = `${'n'.repeat(300_000)}\n${'x\n'.repeat(300_000)}`;
    expect(read(body)).toMatchObject({ code: 'body_too_large', limitBytes: 1_000_000 });
  });

  it('may have fields of any length and ten thousand columns, and no more', () => {
    expect(read(`a\n${'x'.repeat(300_000)}`)).toEqual([{ a: 'x'.repeat(300_000) }]);
    const names = Array.from({ length: 10_000 }, (_, at) => `c${at}`);
    expect(read(`${names.join(',')}\n${names.map((name) => `"${name},"`).join(',')}`)).toHaveLength(1);
    expect(read(','.repeat(10_000))).toMatchObject({ code: 'invalid_body', line: 1 });
    expect(read(`a,b\n1,2\n${','.repeat(900_000)}`)).toMatchObject({ code: 'invalid_body', line: 3 });
  });
});
