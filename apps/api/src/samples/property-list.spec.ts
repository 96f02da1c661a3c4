import { describe, expect, it } from 'vitest';
import { readPropertyList } from './property-list.js';

describe('a list of properties', () => {
  it.each<[string, object]>([
    ['petname, petstatus', { petname: 'petname', petstatus: 'petstatus' }],
    ['  petname ,\n petstatus\n', { petname: 'petname', petstatus: 'petstatus' }],
    ['one', { one: 'one' }],
    [
      'id, owner.name, owner.address.city',
      { id: 'id', owner: { name: 'owner.name', address: { city: 'owner.address.city' } } },
    ],
    [
      'First Name, straße, @type, $ref, a:b, x-y',
      {
        'First Name': 'First Name',
        straße: 'straße',
        '@type': '@type',
        $ref: '$ref',
        'a:b': 'a:b',
        'x-y': 'x-y',
      },
    ],
    ['toString, hasOwnProperty', { toString: 'toString', hasOwnProperty: 'hasOwnProperty' }],
  ])('%j becomes fields whose values are their names', (text, value) => {
    expect(readPropertyList(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['', 1, 1, 'the name of a property is expected here'],
    ['a,,b', 1, 3, 'the name of a property is expected here'],
    ['a,', 1, 3, 'the name of a property is expected here'],
    ['a\nb', 1, 2, 'a comma is expected between two names'],
    ['a,\n  b{', 2, 4, '{ cannot be part of a name'],
    ['"a"', 1, 1, '" cannot be part of a name'],
    ['a..b', 1, 3, 'a name is expected before and after each dot'],
    ['.a', 1, 1, 'a name is expected before and after each dot'],
    ['a, __proto__', 1, 4, '“__proto__” cannot be the name of a field'],
    ['a.constructor.b', 1, 3, '“constructor” cannot be the name of a field'],
    ['a, b, a', 1, 7, '“a” is named already'],
    ['a, a.b', 1, 4, '“a” is a field already, it holds no others'],
    ['a.b, a', 1, 6, '“a” is named already'],
    [Array(12).fill('a').join('.'), 1, 1, 'this name leads deeper than 10 levels'],
    ['x'.repeat(201), 1, 1, 'this name is longer than 200 characters'],
  ])('%j is refused at its place', (text, line, column, message) => {
    expect(readPropertyList(text)).toEqual({ ok: false, faults: [{ line, column, message }] });
  });

  it('names every fault, up to twenty', () => {
    expect(readPropertyList('a(, b, c)')).toMatchObject({ ok: false, faults: [{ column: 2 }, { column: 9 }] });
    expect((readPropertyList(','.repeat(100)) as { faults: unknown[] }).faults).toHaveLength(20);
  });

  it('with a million names is refused at the first that is too many', () => {
    const reading = readPropertyList('a,'.repeat(1_000_000));
    expect(reading).toEqual({
      ok: false,
      faults: [{ line: 1, column: 2_001, message: 'these are more than 1000 names' }],
    });
  });
});
