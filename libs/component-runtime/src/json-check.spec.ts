import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJson } from './json-check.js';

const limit = 1_000_000;

describe('checkJson', () => {
  it('takes every JSON value and never counts more than its size', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const checked = checkJson(value, limit);
        expect(checked).toMatchObject({ ok: true });
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(checked.ok && checked.atLeastBytes).toBeLessThanOrEqual(bytes);
      }),
    );
  });

  it('takes what becomes JSON without loss', () => {
    expect(checkJson({ at: new Date(0), url: new URL('http://a/'), left: undefined }, limit)).toMatchObject({
      ok: true,
    });
  });

  it.each([
    [() => 1, '', 'a function'],
    [{ a: [1, 2n] }, '/a/1', 'a bigint'],
    [{ 'a/b': Symbol('x') }, '/a~1b', 'a symbol'],
    [[Number.NaN], '/0', 'the number NaN'],
    [{ m: new Map() }, '/m', 'a Map'],
    [{ m: new Set() }, '/m', 'a Set'],
    [{ file: Buffer.from('x') }, '/file', 'bytes (give them as text, such as base64)'],
    [{ late: Promise.resolve(1) }, '/late', 'a promise (is an await missing?)'],
    [{ e: new Error('x') }, '/e', 'an Error'],
    [{ r: /x/ }, '/r', 'a regular expression'],
  ])('refuses %o and says where and what', (value, pointer, what) => {
    expect(checkJson(value, limit)).toEqual({ ok: false, fault: 'not_json', pointer, what });
  });

  it('refuses a value that contains itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(checkJson(value, limit)).toMatchObject({
      fault: 'not_json',
      what: expect.stringContaining('contains itself') as string,
    });
  });

  it('stops at the bound, also for objects that are small in memory and huge as JSON', () => {
    expect(checkJson('x'.repeat(2_000), 1_000)).toEqual({ ok: false, fault: 'too_large', atLeastBytes: 2_002 });
    let doubled: unknown = 'x';
    for (let i = 0; i < 60; i += 1) doubled = [doubled, doubled];
    expect(checkJson(doubled, limit)).toMatchObject({ ok: false, fault: 'too_large' });
  });
});
