import fc from 'fast-check';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { evaluatePlain } from './evaluate.js';
import type { MappingContext } from './expression.js';
import { parseExpression } from './parse.js';

/** Few names, so that paths often lead somewhere, and among them those that a prototype has. */
const names = ['a', 'b', 'c', 'odd name', 'constructor', '__proto__', 'length'];
const key = fc.constantFrom(...names);

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0, 1, '', 'text', -1.5),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(
      fc.dictionary(key, fc.array(tie('json'), { maxLength: 2 }), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
      { maxLength: 2 },
    ),
  ),
}));

const index = fc.integer({ min: -3, max: 3 }).map((at) => `[${at}]`);
const field = fc
  .tuple(key, fc.array(index, { maxLength: 2 }))
  .map(([name, indexes]) => `${/^\w+$/.test(name) ? name : `\`${name}\``}${indexes.join('')}`);
const head = fc.oneof(
  field,
  fc
    .tuple(fc.constantFrom('$', '$steps', '$request', '$run'), fc.array(index, { maxLength: 2 }))
    .map(([name, indexes]) => name + indexes.join('')),
);
const dot = fc.constantFrom('.', '.', '.', ' . ');
const path = fc
  .tuple(head, fc.array(fc.tuple(dot, field), { maxLength: 4 }))
  .map(([first, rest]) => first + rest.flat().join(''));

const character = fc.constantFrom('a', '"', "'", '\\', '/', 'n', 'u', '0', 'Z', '{', 'é', '\n', ' ');
const literal = fc.oneof(
  fc
    .tuple(fc.constantFrom('"', "'"), fc.array(character, { maxLength: 8 }))
    .map(([quote, inner]) => quote + inner.join('') + quote),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('true', 'false', 'null', ' 12 ', '-0.5e3', '01', '1.', '- 1'),
);

async function byJsonata(source: string, context: MappingContext): Promise<unknown> {
  const { output, ...variables } = context;
  return jsonata(source).evaluate(output, variables);
}

/** Sequences carry marks of JSONata's; only what is in them counts. */
const plainData = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

describe('a plain expression', () => {
  it('gives what JSONata gives, whatever the data', async () => {
    await fc.assert(
      fc.asyncProperty(path, json, json, async (source, output, other) => {
        const context: MappingContext = { output, steps: { a: other, b: output }, request: other, run: { a: other } };
        const parsed = parseExpression(source);
        if (!parsed.ok || parsed.expression.kind === 'full') throw new Error(`${source} is not plain`);
        const before = JSON.stringify(context);
        const ours = evaluatePlain(parsed.expression, context);
        expect(JSON.stringify(context)).toBe(before);
        expect(plainData(ours)).toEqual(plainData(await byJsonata(source, context)));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is a literal only where JSONata reads the same value', async () => {
    const context: MappingContext = { output: {}, steps: {}, request: undefined, run: {} };
    await fc.assert(
      fc.asyncProperty(literal, async (source) => {
        const parsed = parseExpression(source);
        const ours = parsed.ok && parsed.expression.kind !== 'full' ? [evaluatePlain(parsed.expression, context)] : [];
        const theirs = await byJsonata(source, context).then(
          (value) => [value],
          () => [],
        );
        // What we leave to JSONata may have a value too.
        if (parsed.ok && parsed.expression.kind === 'full') return;
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 5_000 },
    );
  });
});
