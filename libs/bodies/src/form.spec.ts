import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBuffered } from './buffered.js';

const plain = 'application/x-www-form-urlencoded';

function read(body: string | Buffer, contentType = plain): unknown {
  const result = readBuffered('form', contentType, Buffer.from(body), { maxBodyBytes: 1_000_000 });
  return result.ok ? (JSON.parse(result.json.toString()) as unknown) : result.fault.code;
}

describe('a form', () => {
  it.each([
    ['', {}],
    ['a=1', { a: '1' }],
    ['a=1&b=2&a=3&a=', { a: ['1', '3', ''], b: '2' }],
    ['&&a&=b&', { a: '', '': 'b' }],
    ['a=b=c', { a: 'b=c' }],
    ['a+b=c%20d%2B', { 'a b': 'c d+' }],
    ['a[b]=1&a[b]=2', { 'a[b]': ['1', '2'] }],
    ['a=%C3%A9%F0%9F%98%80', { a: 'é😀' }],
    ['a=é', { a: 'é' }],
    ['a=100%&b=%zz', { a: '100%', b: '%zz' }],
    ['constructor=Ford&toString=x', { constructor: 'Ford', toString: 'x' }],
  ])('%s becomes an object', (body, expected) => {
    expect(read(body)).toEqual(expected);
  });

  it('says what its sender put into it', () => {
    const fields = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })));
    fc.assert(
      fc.property(fields, (pairs) => {
        fc.pre(pairs.every(([name]) => name !== '__proto__'));
        const expected = new Map<string, string[]>();
        // A byte order mark at the beginning of a text is never a part of it.
        const bare = (text: string) => text.replace(/^\ufeff/, '');
        for (const [name, value] of pairs) expected.set(bare(name), [...(expected.get(bare(name)) ?? []), bare(value)]);
        const values = [...expected].map(([name, list]) => [name, list.length === 1 ? list[0] : list] as const);
        expect(read(new URLSearchParams(pairs).toString())).toEqual(Object.fromEntries(values));
      }),
    );
  });

  it('is read in its charset, and refused when it does not hold to it', () => {
    expect(read('a=%E9', `${plain}; charset=iso-8859-1`)).toEqual({ a: 'é' });
    expect(read('a=%93%FA', `${plain}; charset=shift_jis`)).toEqual({ a: '日' });
    expect(read('a=%E9')).toBe('invalid_body');
    expect(read(Buffer.from([0x61, 0x3d, 0xff]))).toBe('invalid_body');
    expect(read('a=b', `${plain}; charset=utf-16le`)).toBe('unsupported_media_type');
    expect(read('a=b', `${plain}; charset=nonsense`)).toBe('unsupported_media_type');
  });

  it('with a name that would change a prototype, or with too many fields, is refused', () => {
    expect(read('a=1&__proto__=2')).toBe('invalid_body');
    expect(read('%5F_proto__=2')).toBe('invalid_body');
    expect(read('a=&'.repeat(10_000))).toMatchObject({ a: {} });
    expect(read('a=&'.repeat(10_001))).toBe('invalid_body');
  });
});
