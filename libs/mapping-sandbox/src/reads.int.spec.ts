import fc from 'fast-check';
import jsonata from 'jsonata';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { compileMapping } from '@millrace/mapping';
import { createMappingPool, type SandboxContext } from './index.js';

const pool = createMappingPool();
afterAll(() => pool.close());

const context: SandboxContext = {
  output: { a: 1, b: [{ a: 2, c: 'x' }, { a: 3 }], c: { a: [4, 5] }, step_1: 'own' },
  steps: { step_1: { a: 10, b: [{ a: 20 }] }, step_2: { a: 'two', c: { b: true } }, step_3: 7 },
  request: { method: 'POST', a: 30 },
  run: { id: 'run', a: 40 },
  seed: 's',
  now: 0,
};

const name = fc.constantFrom('a', 'b', 'c', 'step_1', 'step_2', '*', '**', '`a`', '$', '$$', '%');
const root = fc.constantFrom(
  '$',
  '$$',
  '$steps',
  '$steps.step_1',
  '$steps.`step_2`',
  '$request',
  '$run',
  'a',
  'b',
  '*',
  '$v',
);

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      root,
      fc.tuple(root, name).map(([head, field]) => `${head}.${field}`),
      fc.tuple(inner, name).map(([left, field]) => `(${left}).${field}`),
      fc.tuple(root, inner).map(([head, rest]) => `${head}.(${rest})`),
      fc.tuple(root, inner).map(([head, condition]) => `${head}[${condition}]`),
      fc.tuple(root, inner).map(([head, rest]) => `${head}.{ "k": ${rest} }`),
      fc.tuple(root, inner, inner).map(([head, key, value]) => `${head}{ $string(${key}): ${value} }`),
      fc.tuple(root, name, inner).map(([head, field, rest]) => `${head}@$v.${field}.(${rest})`),
      fc.tuple(root, name, inner).map(([head, field, rest]) => `${head}.${field}@$v.(${rest})`),
      fc.tuple(root, name, inner).map(([head, field, rest]) => `${head}.${field}#$v.(${rest})`),
      fc.tuple(inner, inner).map(([left, right]) => `$string(${left}) & $string(${right})`),
      fc.tuple(inner, inner).map(([left, right]) => `[${left}, ${right}]`),
      fc.tuple(inner, inner).map(([left, right]) => `(${left}) ?? (${right})`),
      fc.tuple(inner, inner, inner).map(([test, then, other]) => `(${test}) ? (${then}) : (${other})`),
      fc.tuple(inner, inner).map(([value, body]) => `($v := ${value}; ${body})`),
      fc.tuple(inner, inner).map(([argument, body]) => `(function($v) { ${body} })(${argument})`),
      fc.tuple(inner, inner).map(([list, body]) => `$map(${list}, function($v) { ${body} })`),
      inner.map((argument) => `(${argument}) ~> $string`),
      inner.map((argument) => `$lookup(${argument}, "step_1")`),
      fc.constantFrom('$string()', '$keys()', '$count($steps)', '$eval("$steps.step_2")', '$keys($run)'),
      fc.tuple(root, inner).map(([head, term]) => `${head}^($string(${term}))`),
      fc.tuple(root, inner).map(([head, value]) => `${head} ~> |$|{ "n": ${value} }|`),
    ),
  };
});

/** With the whole context, without any sandbox. */
async function direct(source: string): Promise<{ value?: unknown; code?: string | undefined }> {
  const { output, steps, request, run } = structuredClone(context);
  try {
    const value: unknown = await jsonata(source, { timeout: 500 }).evaluate(output, { steps, request, run });
    const json = JSON.stringify(value);
    return json === undefined ? {} : { value: JSON.parse(json) as Json };
  } catch (error) {
    return { code: (error as { code?: string }).code };
  }
}

describe('what expressions read', () => {
  it('is never less than what they need', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(expression, async (source) => {
        const { compiled, problems } = compileMapping(source);
        if (problems.length > 0) return;
        const outcome = await pool.evaluate(compiled, context);
        const wanted = await direct(source);
        const limit = outcome.ok ? undefined : outcome.errors[0]?.code;
        if (limit !== undefined && /^[a-z]/.test(limit)) return;
        compared += 1;
        const ours = outcome.ok ? (outcome.value === undefined ? {} : { value: outcome.value }) : { code: limit };
        expect(ours).toEqual(wanted);
      }),
      { numRuns: 1_500 },
    );
    expect(compared).toBeGreaterThan(500);
  }, 60_000);
});
