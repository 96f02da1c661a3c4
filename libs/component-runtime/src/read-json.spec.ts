import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from './read-json.js';

const limit = 1_000_000;

describe('readJson', () => {
  it('takes every JSON value as it is and never counts more than its size', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const checked = readJson(value, limit);
        expect(checked.ok && JSON.stringify(checked.json)).toBe(text);
        expect(checked.ok && checked.atLeastBytes).toBeLessThanOrEqual(Buffer.byteLength(text));
      }),
    );
  });

  it('reads what it takes as JSON would write it', () => {
    class Pet {
      name = 'Gromit';
      readonly #secret = 1;
      get age(): number {
        return this.#secret;
      }
    }
    const anything = fc.anything({
      withDate: true,
      withNullPrototype: true,
      withBoxedValues: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const checked = readJson(value, limit);
        if (checked.ok) expect(JSON.stringify(checked.json)).toBe(JSON.stringify(value) ?? 'null');
      }),
    );
    for (const value of [
      { at: new Date(0), url: new URL('http://a/'), left: undefined },
      [undefined, 1],
      Object.assign(Object.create(null) as object, { a: 1 }),
      Object.create(null),
      new Pet(),
      { toJSON: () => ({ toJSON: 1 }) },
      { toJSON: () => undefined },
      { b: Object(true), n: Object(1), s: Object('x') },
      JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    ]) {
      const checked = readJson(value, limit);
      expect(checked.ok && JSON.stringify(checked.json)).toBe(JSON.stringify(value) ?? 'null');
    }
  });

  it('looks at each member once, and keeps what it saw', () => {
    let looks = 0;
    const changing = {
      get a() {
        return (looks += 1);
      },
      b: { toJSON: () => (looks += 1) },
      c: { d: 1 },
    };
    const checked = readJson(changing, limit);
    changing.c.d = 2;
    expect(checked).toMatchObject({ json: { a: 1, b: 2, c: { d: 1 } } });
    expect(looks).toBe(2);
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
    [{ at: new Date(Number.NaN) }, '/at', 'a date that is none'],
    [{ n: Object(Number.NaN) as object }, '/n', 'the number NaN'],
    [{ n: Object(1n) as object }, '/n', 'a bigint'],
    [{ weak: new WeakMap() }, '/weak', 'an instance of a class (WeakMap) that has no field to show'],
    [[new URLSearchParams('a=1')], '/0', 'an instance of a class (URLSearchParams) that has no field to show'],
    [{ toJSON: () => ({ late: 1n }) }, '/late', 'a bigint'],
  ])('refuses %o and says where and what', (value, pointer, what) => {
    expect(readJson(value, limit)).toEqual({ ok: false, fault: 'not_json', pointer, what });
  });

  it('refuses a value that contains itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(readJson(value, limit)).toMatchObject({
      fault: 'not_json',
      what: expect.stringContaining('contains itself') as string,
    });
  });

  it('stops at the bound, also for objects that are small in memory and huge as JSON', () => {
    expect(readJson('x'.repeat(2_000), 1_000)).toEqual({ ok: false, fault: 'too_large', atLeastBytes: 2_002 });
    let doubled: unknown = 'x';
    for (let i = 0; i < 60; i += 1) doubled = [doubled, doubled];
    expect(readJson(doubled, limit)).toMatchObject({ ok: false, fault: 'too_large' });
  });
});
