import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBuffered } from './buffered.js';
import { maxDepth } from './json-depth.js';

const limits = { maxBodyBytes: 1_000_000 };

function read(body: string | Buffer, contentType = 'application/json') {
  return readBuffered('json', contentType, Buffer.from(body), limits);
}

function fault(body: string | Buffer, contentType?: string) {
  const result = read(body, contentType);
  return result.ok ? undefined : result.fault;
}

describe('a JSON body', () => {
  it('passes byte for byte, whatever it holds', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\n\t '), (json, space) => {
        fc.pre(!/__proto__|constructor/.test(json));
        const text = space + json + space;
        expect(read(text)).toEqual({ ok: true, json: Buffer.from(text) });
      }),
    );
  });

  it.each(['{}', '[]', '"text"', '0', 'null', ' {"a": [1, {"b": "\\u0000"}]} ', '{"constructor": "Ford"}', '\t1\n'])(
    '%s is taken',
    (body) => {
      expect(fault(body)).toBeUndefined();
    },
  );

  it('loses its byte order mark, and another charset becomes UTF-8', () => {
    expect(read('\ufeff{"a":"é"}')).toEqual({ ok: true, json: Buffer.from('{"a":"é"}') });
    const latin1 = Buffer.from('{"a":"é"}', 'latin1');
    expect(read(latin1, 'application/json; charset=iso-8859-1')).toEqual({ ok: true, json: Buffer.from('{"a":"é"}') });
    expect(fault(latin1)).toMatchObject({ code: 'invalid_body' });
    expect(fault('{}', 'application/json; charset=utf-99')).toMatchObject({ code: 'unsupported_media_type' });
  });

  it.each([
    ['{"a": 1,}', 1, 9],
    ['{"a" 1}', 1, 6],
    ['{\n  "a": 1,\n  b: 2\n}', 3, 3],
    ['{"a": 1', 1, 8],
    ['', 1, 1],
    ['// x\n1', 1, 1],
    ['{"a": tru}', 1, 7],
  ])('%j that is broken is refused with line and column', (body, line, column) => {
    expect(fault(body)).toMatchObject({ code: 'invalid_body', line, column });
  });

  it.each([
    '{"__proto__": {"admin": true}}',
    '[[{"a": {"__proto__": 1}}]]',
    '{"a": {"constructor": {"prototype": {}}}}',
    '{"\\u005f_proto__": 1}',
    '{"con\\u0073tructor": {"proto\\u0074ype": 1}}',
  ])('%s that would change a prototype is refused', (body) => {
    expect(fault(body)).toMatchObject({ code: 'invalid_body' });
  });

  it.each(['{"a": 1e400}', '[-1E999]', `{"b":[0, ${'9'.repeat(400)}]}`])(
    '%.20s with a number that would be read as infinite is refused with its place',
    (body) => {
      expect(fault(body)).toMatchObject({ code: 'invalid_body', line: 1, column: expect.any(Number) as number });
    },
  );

  it.each(['1e300', '{"a": "1e400"}', '1e-400', '"5e999 apples"'])('%s has no such number', (body) => {
    expect(fault(body)).toBeUndefined();
  });

  it('that nests too deep is refused with its place, whatever is in its texts', () => {
    const deep = '['.repeat(100_000);
    expect(fault(deep)).toMatchObject({ code: 'invalid_body', line: 1, column: maxDepth + 1 });
    expect(fault(deep + ']'.repeat(100_000))).toMatchObject({ code: 'invalid_body', column: maxDepth + 1 });
    expect(fault('{"a":'.repeat(501) + '1' + '}'.repeat(501))).toMatchObject({ code: 'invalid_body' });
    expect(fault('['.repeat(maxDepth) + ']'.repeat(maxDepth))).toBeUndefined();
    expect(fault(JSON.stringify({ text: '[{\\"'.repeat(1000), list: Array.from({ length: 600 }, () => []) }))).toBe(
      undefined,
    );
  });

  it('is refused without a word of what it says', () => {
    expect(fault('{"password": hunter2}')?.message).not.toContain('hunter2');
  });
});
