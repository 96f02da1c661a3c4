import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { compileMapping } from '@millrace/mapping';
import { createMappingPool, type MappingOutcome, type MappingPool, type SandboxContext } from './index.js';

const context: SandboxContext = {
  output: { name: 'Ada', list: [1, 2, 3] },
  steps: {},
  request: undefined,
  run: {},
  seed: 'run:step_2:0',
  now: Date.UTC(2025, 11, 24),
};
const limits = { timeLimitMs: 250, memoryLimitMb: 64, maxResultBytes: 1_000_000 };

const pool = createMappingPool(limits);
afterAll(() => pool.close());

function evaluate(expression: string, on: MappingPool = pool): Promise<MappingOutcome> {
  const { compiled, problems } = compileMapping({ good: 'name', field: expression });
  expect(problems).toEqual([]);
  return on.evaluate(compiled, context);
}

/** Applies a step to a value, `$s`, many times over. */
const repeated = (start: string, step: string, times: number): string =>
  `($d := function($s, $n) { $n = 0 ? $s : $d(${step}, $n - 1) }; $d(${start}, ${times}))`;

const slow = {
  loop: '($f := function($x) { $f($x) }; $f(1))',
  regex: '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)',
  hang: '{ "then": /a/ }',
  hiddenLoop: '[$error("first"), ($f := function($x) { $f($x) }; $f(1))]',
  manyFold: '$map([1..1000000], function($i) { $map([1..1000000], function($j) { $i * $j }) })',
};
const large = {
  list: '$map([1..9000000], function($x) { $x * 2 })',
  doubling: repeated('[1]', '$append($s, $s)', 30),
  objects: '[1..3000000].{ "a": $, "b": $string($) }',
  text: `$length($uppercase(${repeated('"xxxxxxxxxx"', '$s & $s', 25)}))`,
  padding: '$pad("x", 1000000000)',
  range: '[1..1000000000]',
  gigabyte: repeated('"xxxxxxxxxx"', '$s & $s', 27),
  shared: repeated('1', '[$s, $s]', 60),
};
const deep = {
  recursion: '($f := function($x) { 1 + $f($x) }; $f(1))',
  nesting: repeated('1', '[[$s]]', 5_000),
  towers: repeated('1', '{ "a": $s }', 5_000),
  selfApplied: '(function($f) { $f($f) & "a" })(function($f) { $f($f) & "a" })',
};

describe('a hostile expression', () => {
  it.each(Object.entries({ ...slow, ...large, ...deep }))('(%s) ends with an error', async (_name, expression) => {
    const outcome = await evaluate(expression);
    expect(outcome.ok).toBe(false);
    if (outcome.ok) return;
    const [error] = outcome.errors;
    expect(error).toMatchObject({
      pointer: '/field',
      expression,
      inputShape: '{ name: text, list: list of 3, first number }',
    });
    expect([
      'time_exceeded',
      'memory_exceeded',
      'recursion_too_deep',
      'result_too_large',
      'result_too_deep',
      'not_data',
      'invalid_argument',
      'D2014',
      'D3137',
    ]).toContain(error?.code);
  });

  it.each([
    'constructor',
    'name.constructor',
    '$sum.constructor',
    '$lookup($, "__proto__")',
    '__proto__.__proto__',
    '$keys(function($x) { $x })',
    '$lookup($sum, "implementation")',
    '($f := function($x) { $x }; $f.environment)',
    '/a/.constructor',
    '$eval("constructor.constructor(\'return process\')()")',
    '$spread($sum).implementation',
    '$each({ "f": $sum }, function($v, $k) { $v.implementation })',
    '$sift($sum, function($v) { true })',
    '$match("a", /a/).next.constructor',
    '$$.list.push',
    '$lookup("text", "length")',
  ])('finds nothing behind %s', async (expression) => {
    const outcome = await evaluate(expression);
    if (outcome.ok)
      expect([{ good: 'Ada' }, { good: 'Ada', field: {} }, { good: 'Ada', field: [] }]).toContainEqual(outcome.value);
    else expect(outcome.errors[0]?.code).toMatch(/^[TD]\d{4}$|not_data/);
  });

  it('cannot leave anything behind for others', async () => {
    const alone = createMappingPool({ ...limits, maxProcesses: 1 });
    const polluting = [
      '($x := { "__proto__": { "polluted": 1 } }; $merge([{}, $x]))',
      '$ ~> |$|{ "__proto__": { "polluted": 1 } }|',
      '$ ~> |$|{ "constructor": { "prototype": { "polluted": 1 } } }|',
      '($clone := function($x) { $x }; $ ~> |$|{ "__proto__": { "polluted": 1 }, "name": "Eve" }|)',
      '($uuid := function() { "mine" }; $uuid())',
      '$eval("$polluted := 1")',
    ];
    for (const expression of polluting) await evaluate(expression, alone);
    expect(await evaluate('[{}.polluted, $polluted := {}.polluted, list.polluted, name]', alone)).toEqual({
      ok: true,
      value: { good: 'Ada', field: ['Ada'] },
    });
    expect(await evaluate('$length($uuid())', alone)).toEqual({ ok: true, value: { good: 'Ada', field: 36 } });
    await alone.close();
  });
});

describe('an input that is nested too deeply to be passed on', () => {
  const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)) as Json;

  it.each(['$count($)', slow.loop])('fails its own evaluation and nothing else (%s)', async (expression) => {
    const one = createMappingPool({ ...limits, maxProcesses: 1 });
    await evaluate(expression, one);
    const { compiled } = compileMapping([expression, '$count($)']);
    const failing = Array.from({ length: 3 }, () => one.evaluate(compiled, { ...context, output: deep }));
    expect(await evaluate('$count(list)', one)).toEqual({ ok: true, value: { good: 'Ada', field: 3 } });
    for (const outcome of await Promise.all(failing)) {
      expect(outcome).toMatchObject({ ok: false, errors: [{ code: 'recursion_too_deep' }] });
    }
    await one.close();
  });
});

describe('beside hostile expressions', () => {
  it.each(Object.entries({ loop: slow.loop, regex: slow.regex, list: large.list, text: large.text, hang: slow.hang }))(
    '(%s) a hundred good ones succeed',
    async (_name, expression) => {
      const one = createMappingPool({ ...limits, maxProcesses: 1 });
      const { compiled } = compileMapping({ n: 'n', doubled: 'n * 2', id: '$uuid()' });
      const good = (n: number): Promise<MappingOutcome> =>
        one.evaluate(compiled, { ...context, output: { n }, seed: String(n) });
      const before = Array.from({ length: 50 }, (_, n) => good(n));
      const hostile = evaluate(expression, one);
      const after = Array.from({ length: 50 }, (_, n) => good(50 + n));
      const outcomes = await Promise.all([...before, ...after]);
      for (const [n, outcome] of outcomes.entries()) {
        expect(outcome).toMatchObject({ ok: true, value: { n, doubled: n * 2 } });
      }
      expect((await hostile).ok).toBe(false);
      await one.close();
    },
  );

  it('others wait little, even when hostile ones come without end', async () => {
    const two = createMappingPool({ ...limits, maxProcesses: 2 });
    await evaluate(slow.regex, two);
    const hostile = Array.from({ length: 5 }, () => evaluate(slow.regex, two));
    let over = false;
    const allHostile = Promise.all(hostile).finally(() => {
      over = true;
    });
    for (let n = 0; n < 20; n += 1) expect(await evaluate(`${n} + 1`, two)).toMatchObject({ ok: true });
    expect(over).toBe(false);
    expect((await allHostile).every(({ ok }) => !ok)).toBe(true);
    await two.close();
  });

  it('others wait for one of many that were begun before them, not for each', async () => {
    const single = createMappingPool({ maxProcesses: 1, timeLimitMs: 1_000 });
    const endless = '($f := function($x) { $f($x) }; $f(1))';
    const hostile = Promise.all(Array.from({ length: 6 }, () => evaluate(endless, single)));
    let over = false;
    const allHostile = hostile.finally(() => {
      over = true;
    });
    await setTimeout(50);
    expect(await evaluate('1 + 1', single)).toMatchObject({ ok: true });
    expect(over).toBe(false);
    expect((await allHostile).map(({ ok }) => ok)).toEqual(Array.from({ length: 6 }, () => false));
    await single.close();
  });
});

describe('a sandbox process', () => {
  it('ends itself when its parent is gone, even in the middle of an endless loop', async () => {
    const entry = fileURLToPath(new URL('process/main.js', import.meta.url));
    const own = JSON.stringify({ timeLimitMs: 300, maxResultBytes: 1_000, maxResultDepth: 10 });
    const child = spawn(process.execPath, [entry, own], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'], env: {} });
    const exited = once(child, 'exit');
    await once(child.stdio[3]!, 'data');
    child.stdin?.write(`${JSON.stringify({ leaves: [{ pointer: '', source: slow.regex }], seed: '', now: 0 })}\n`);
    for (const stream of child.stdio) stream?.destroy();
    await exited;
  }, 5_000);
});
