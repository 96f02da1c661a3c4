import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { compileMapping } from '@millrace/mapping';
import { asExpression, fixedMember, isPlain, readFieldValue } from './field-value.js';

describe('what a field of a mapping holds', () => {
  it.each<[unknown, ReturnType<typeof readFieldValue>]>([
    [undefined, { kind: 'empty' }],
    ['petname', { kind: 'path', expression: 'petname' }],
    ['$steps.step_1.`odd name`[0]', { kind: 'path', expression: '$steps.step_1.`odd name`[0]' }],
    ['$', { kind: 'path', expression: '$' }],
    ['"Sold"', { kind: 'fixed', value: 'Sold' }],
    ['12.5', { kind: 'fixed', value: 12.5 }],
    ['true', { kind: 'fixed', value: true }],
    [7, { kind: 'fixed', value: 7 }],
    [null, { kind: 'fixed', value: null }],
    ['$uppercase(petname)', { kind: 'expression', expression: '$uppercase(petname)' }],
    ['"a" & "b"', { kind: 'expression', expression: '"a" & "b"' }],
    ["'a'", { kind: 'expression', expression: "'a'" }],
    ['$other', { kind: 'expression', expression: '$other' }],
    [{ a: 'b' }, { kind: 'nested', value: { a: 'b' } }],
  ])('%j is read as %j', (member, value) => {
    expect(readFieldValue(member)).toEqual(value);
  });

  it('keeps each text as it is typed, and the engine reads it as that text', () => {
    const unit = fc.constantFrom('a', '9', '"', "'", '\\', '\n', '`', '$', '{', 'é', '😀', '\u2028', '\0');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const member = fixedMember(text) as string;
        expect(readFieldValue(member)).toEqual({ kind: 'fixed', value: text });
        expect(compileMapping(member)).toMatchObject({ compiled: { expression: { kind: 'literal', value: text } } });
      }),
    );
  });

  it('can be written as one expression', () => {
    expect(asExpression({ 'a b': 'petname', list: [1, '"x"', true], none: null })).toBe(
      '{ "a b": petname, "list": [1, "x", true], "none": null }',
    );
    expect([isPlain('petname'), isPlain('1 + 2')]).toEqual([true, false]);
  });
});
