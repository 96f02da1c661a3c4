import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { inputShape } from './input-shape.js';

describe('the shape of an input', () => {
  it.each<[string, Json | undefined]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'secret'],
    ['number', 7],
    ['boolean', true],
    ['{}', {}],
    ['empty list', []],
    ['{ a: number, b: { c: text, d: { … } } }', { a: 1, b: { c: 'secret', d: { e: 1 } } }],
    ['{ lines: list of 2, first { … } }', { lines: [{ sku: 'a' }, 7] }],
    ['list of 1, first list of 1, first list of 1', JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as Json],
    ['list of 3, first { a: text, b: empty list }', [{ a: 'x', b: [] }, 1, 2]],
  ])('is %s', (shape, value) => {
    expect(inputShape(value)).toBe(shape);
  });

  it('stays short and shows no value, whatever comes', () => {
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>(null, true, '?secret?', 4711),
        fc.array(tie('value')),
        fc.dictionary(fc.stringMatching(/^[a-z]+$/), tie('value')),
      ),
    }));
    fc.assert(
      fc.property(value, (json) => {
        const shape = inputShape(json);
        expect(shape.length).toBeLessThanOrEqual(501);
        expect(shape).not.toMatch(/\?|4711/);
      }),
    );
    expect(
      inputShape(Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`name ${n}`.repeat(20), n]))),
    ).toHaveLength(501);
  });
});
