import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from './json-fault.js';

describe('findJsonFault', () => {
  it.each([
    ['', 1, 1, 'there is no text'],
    ['{"a":1', 1, 7, 'ends too early'],
    ['{"a":\n  nope}', 2, 3, 'a value is expected'],
    ['{"a":1,}', 1, 8, 'a name in double quotes is expected'],
    ["{'a':1}", 1, 2, 'a name in double quotes or }'],
    ['{"a" 1}', 1, 6, 'a colon'],
    ['[1 2]', 1, 4, 'a comma'],
    ['[1,]', 1, 4, 'a value is expected'],
    ['{"a":1]', 1, 7, 'a comma or the end'],
    ['[01]', 1, 2, 'a value or ]'],
    ['[1.]', 1, 2, 'a value or ]'],
    ['{}\n{}', 2, 1, 'the document ends before this'],
    ['["a', 1, 2, 'not closed'],
    ['["\\x"]', 1, 3, 'invalid escape'],
    ['["\\u12g4"]', 1, 3, 'invalid escape'],
    ['["a\nb"]', 1, 4, 'control character'],
    ['truefalse', 1, 1, 'a value'],
  ])('finds the fault of %j', (text, line, column, message) => {
    expect(findJsonFault(text)).toEqual({ line, column, message: expect.stringContaining(message) as string });
  });

  it('agrees with JSON.parse on what is JSON', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '0',
      '-',
      '1.5e3',
      'null',
      ' ',
      '\n',
    );
    const texts = fc.oneof(
      fc.json(),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.tuple(fc.json(), fc.nat(), pieces).map(([json, at, piece]) => {
        const cut = at % (json.length + 1);
        return json.slice(0, cut) + piece + json.slice(cut);
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(findJsonFault(text) === undefined).toBe(parses(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
