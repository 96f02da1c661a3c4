import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { compileMapping, functionNames } from '@millrace/mapping';
import { createMappingPool, type MappingOutcome, type MappingPool, type SandboxContext } from './index.js';

const context: SandboxContext = {
  output: { name: 'Ada', price: 3, list: [1, 2, 3], empty: [], gone: null, secret: 'swordfish' },
  steps: { step_1: { id: 42 }, 'odd id': { id: 43 }, step_3: { id: 44 } },
  request: { method: 'POST' },
  run: { id: 'abc' },
  seed: 'run:step_2:0',
  now: Date.UTC(2025, 11, 24, 18),
};

const pool = createMappingPool();
afterAll(() => pool.close());

function evaluate(mapping: Json, given: Partial<SandboxContext> = {}, on: MappingPool = pool): Promise<MappingOutcome> {
  const { compiled, problems } = compileMapping(mapping);
  expect(problems).toEqual([]);
  return on.evaluate(compiled, { ...context, ...given });
}

describe('the mapping pool', () => {
  it('evaluates full and plain expressions of one mapping side by side', async () => {
    const outcome = await evaluate({
      greeting: '"Dear " & name',
      name: 'name',
      constant: 7,
      gone: 'gone',
      missing: 'nowhere.at.all & nothing',
      left: '$sum(nowhere)',
      nested: [{ doubled: 'list.($ * 2)' }, '$steps.step_1.id + 1', 'nowhere', '$uppercase(nowhere)'],
      objects: 'list.{ "n": $ }',
    });
    expect(outcome).toEqual({
      ok: true,
      value: {
        greeting: 'Dear Ada',
        name: 'Ada',
        constant: 7,
        gone: null,
        missing: '',
        nested: [{ doubled: [2, 4, 6] }, 43],
        objects: [{ n: 1 }, { n: 2 }, { n: 3 }],
      },
    });
  });

  it('gives expressions all that they name, however they name it', async () => {
    const expressions = {
      step: '$steps.`odd id`.id + 0',
      steps: '$keys($steps)',
      looked: '$lookup($steps, "step_3").id',
      request: '$request.method & ""',
      run: '$run.id & "!"',
      root: '$$.name & ""',
      evaluated: '$eval("$steps.step_1.id + price")',
    };
    expect(await evaluate(expressions)).toEqual({
      ok: true,
      value: {
        step: 43,
        steps: ['step_1', 'odd id', 'step_3'],
        looked: 44,
        request: 'POST',
        run: 'abc!',
        root: 'Ada',
        evaluated: 45,
      },
    });
  });

  it('takes any value for the root, and none', async () => {
    expect(await evaluate('[$count($), $type($)]', { output: [1, [2], 3] })).toEqual({ ok: true, value: [3, 'array'] });
    expect(await evaluate('$type($)', { output: null })).toEqual({ ok: true, value: 'null' });
    expect(await evaluate('$exists($)', { output: undefined })).toEqual({ ok: true, value: false });
    expect(await evaluate('name & ""', { request: undefined, steps: {} })).toEqual({ ok: true, value: 'Ada' });
  });

  it('names every error with its place and the shape of the input, and no data', async () => {
    const failed = await evaluate({ a: { 'b/c': '1 + secret' }, d: 'name & $number(secret)', fine: 'name' });
    const shape =
      '{ name: text, price: number, list: list of 3, first number, empty: empty list, gone: null, secret: text }';
    expect(failed).toEqual({
      ok: false,
      errors: [
        {
          pointer: '/a/b~1c',
          expression: '1 + secret',
          position: 2,
          code: 'T2002',
          message: 'The right side of the "+" operator must evaluate to a number.',
          inputShape: shape,
        },
        {
          pointer: '/d',
          expression: 'name & $number(secret)',
          position: 7,
          code: 'D3030',
          message: 'Unable to cast value to a number: a text.',
          inputShape: shape,
        },
      ],
    });
    expect(JSON.stringify(failed)).not.toContain('swordfish');
  });

  it('hides data in errors that come out of $eval', async () => {
    const outcome = await evaluate('$eval("$number(secret)")');
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: 'D3121' }] });
    expect(JSON.stringify(outcome)).not.toContain('swordfish');
  });

  it.each([
    ['$sum', 'not_data'],
    ['{ "f": [function($x) { $x }] }', 'not_data'],
    ['1 / 0', 'not_data'],
    ['$pad("x", 6000)', undefined],
    ['[1..9000].($pad("x", 600))', 'result_too_large'],
    ['($d := function($s, $n) { $n = 0 ? $s : $d([[$s]], $n - 1) }; $d(1, 101))', 'result_too_deep'],
    ['($d := function($s, $n) { $n = 0 ? $s : $d([[$s]], $n - 1) }; $d(1, 40))', undefined],
  ])('judges the result of %s', async (expression, code) => {
    const outcome = await evaluate(expression);
    expect(outcome.ok ? undefined : outcome.errors[0]?.code).toBe(code);
  });

  it('counts the results of one mapping together', async () => {
    const part = '[1..1000].($pad("x", 1000))';
    expect(await evaluate([part, part, part])).toMatchObject({ ok: true });
    const outcome = await evaluate(Array.from({ length: 6 }, () => part));
    expect(outcome).toMatchObject({ ok: false, errors: [{ code: 'result_too_large' }, { code: 'result_too_large' }] });
  });

  it('lets no expression change what another one reads', async () => {
    const outcome = await evaluate([
      '$count(empty{"a": 1})',
      '$count(empty)',
      '($clone := function($x) { $x }; $ ~> |$|{"name": "Eve"}|).name',
      'name & ""',
      '$eval("($clone := function($x) { $x }; $ ~> |$|{\\"name\\": \\"Eve\\"}|).name")',
      'name & ""',
      '($sum := function($x) { "mine" }; $sum(list))',
      '$sum(list)',
    ]);
    expect(outcome).toEqual({ ok: true, value: [1, 0, 'Eve', 'Ada', 'Eve', 'Ada', 'mine', 6] });
  });

  it('knows all functions that publishing allows', async () => {
    const names = [...functionNames];
    const outcome = await evaluate(`[${names.map((name) => `$type($${name})`).join()}]`);
    expect(outcome).toEqual({ ok: true, value: names.map(() => 'function') });
  });

  it('keeps hundreds of evaluations apart', async () => {
    const { compiled } = compileMapping({ sum: '$sum(list) + n', n: 'n' });
    const outcomes = await Promise.all(
      Array.from({ length: 500 }, (_, n) => pool.evaluate(compiled, { ...context, output: { list: [n, 1], n } })),
    );
    expect(outcomes).toEqual(outcomes.map((_, n) => ({ ok: true, value: { sum: 2 * n + 1, n } })));
  });

  it('carries large inputs and texts of every alphabet', async () => {
    const text = 'Grüße 👋 \u2028 \n'.repeat(50_000);
    const outcome = await evaluate('text & "!"', { output: { text } });
    expect(outcome.ok && outcome.value === `${text}!`).toBe(true);
  });
});
