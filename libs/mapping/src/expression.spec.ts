import { describe, expect, it } from 'vitest';
import { evaluatePlain } from './evaluate.js';
import type { MappingContext } from './expression.js';
import { parseExpression } from './parse.js';

const context: MappingContext = {
  output: {
    name: 'Gromit',
    price: 0,
    nothing: null,
    'odd name': 'x',
    order: { id: 7, lines: [{ sku: 'a', tags: ['t1', 't2'] }, { sku: 'b', tags: ['t3'] }, { note: 'no sku' }] },
    one: [{ sku: 'only' }],
    list: [1, 2, 3],
    empty: [],
  },
  steps: { step_1: { id: 42 } },
  request: { method: 'POST', query: { page: '2' } },
  run: { id: 'abc' },
};

function value(source: string): unknown {
  const parsed = parseExpression(source);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  if (parsed.expression.kind === 'full') throw new Error(`${source} is not plain`);
  return evaluatePlain(parsed.expression, context);
}

describe('a path', () => {
  it.each([
    ['name', 'Gromit'],
    [' order.id ', 7],
    ['price', 0],
    ['nothing', null],
    ['`odd name`', 'x'],
    ['$.name', 'Gromit'],
    ['$steps.step_1.id', 42],
    ['$request.query.page', '2'],
    ['$run.id', 'abc'],
    ['order.lines[1].sku', 'b'],
    ['order.lines[-1].note', 'no sku'],
    ['order.lines.sku', ['a', 'b']],
    ['order.lines.tags', ['t1', 't2', 't3']],
    ['order.lines.tags[0]', ['t1', 't3']],
    ['one.sku', 'only'],
    ['list', [1, 2, 3]],
    ['empty', []],
    ['name[0]', 'Gromit'],
  ])('%s leads to its value', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });

  it.each([
    'missing',
    'name.first',
    'order.lines.price',
    'list[9]',
    'name[1]',
    '$steps.step_9',
    'toString',
    'constructor',
  ])('%s that leads nowhere gives undefined', (source) => {
    expect(value(source)).toBeUndefined();
  });

  it('of $ is the whole output', () => {
    expect(value('$')).toBe(context.output);
  });
});

describe('a literal', () => {
  it.each([
    ['"sold"', 'sold'],
    ['\'it is "sold"\'', 'it is "sold"'],
    ['"line\nbreak"', 'line\nbreak'],
    ['"a\\u00fc\\n"', 'aü\n'],
    ['12', 12],
    ['-0.5e3', -500],
    ['true', true],
    ['false', false],
    ['null', null],
  ])('%s stands for itself', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe('a full expression', () => {
  it.each([
    'name & "x"',
    '$uppercase(name)',
    'order.lines[sku = "a"]',
    '$$.name',
    'name /* comment */',
    'and.name',
    'order.*',
    '{ "a": name }',
    'list[]',
    '($x := 1; $x)',
  ])('%s is left to the sandbox', (source) => {
    expect(parseExpression(source)).toMatchObject({ ok: true, expression: { kind: 'full', source } });
  });

  const none = {
    output: false,
    request: false,
    run: false,
    steps: [],
    allSteps: false,
    resumeSteps: [],
    anyResumeStep: false,
  };
  it.each([
    ['1 + 2', {}],
    ['name & "x"', { output: true }],
    ['$uppercase()', { output: true }],
    ['$now()', {}],
    ['$steps.step_1.lines[price > 5].sku & "x"', { steps: ['step_1'] }],
    ['$steps.`odd id`.x & $steps.step_2.y & $run.id', { steps: ['odd id', 'step_2'], run: true }],
    ['$sum($steps.step_1.lines.price)', { steps: ['step_1'], output: true }],
    ['$lookup($steps, "step_1")', { allSteps: true, output: true }],
    ['$steps.*.id', { allSteps: true }],
    ['$steps.(step_1.x & step_2.y)', { allSteps: true }],
    ['$steps.step_1@$one.step_2', { allSteps: true, output: true }],
    ['$steps.step_1.x.%.%.step_2', { allSteps: true, output: true }],
    ['{ "page": $request.query.page }', { request: true }],
    ['$exists($$)', { output: true }],
    ['$eval(text)', { output: true, request: true, run: true, allSteps: true, anyResumeStep: true }],
    ['$resumeUrl("step_3") & $resumeUrl("step_4")', { resumeSteps: ['step_3', 'step_4'] }],
    ['$resumeUrl(which)', { output: true, anyResumeStep: true }],
    ['"step_3" ~> $resumeUrl', { anyResumeStep: true }],
    ['($f := $resumeUrl; $f("step_3"))', { output: true, anyResumeStep: true }],
    ['($f := function($a) { $a.x + $steps.step_3.y }; $f($run))', { output: true, run: true, steps: ['step_3'] }],
  ])('%s reads what it names', (source, reads) => {
    const parsed = parseExpression(source);
    expect(parsed).toMatchObject({ ok: true, expression: { reads: { ...none, ...reads } } });
  });
});

describe('a faulty expression', () => {
  it.each([
    ['', 0, /empty/],
    ['order.', 6, /too early/],
    ['order..id', 5, /Unexpected “\.\.”/],
    ['$env.HOME', 0, /Unknown variable \$env/],
    ['name & $lenght(name)', 7, /Unknown variable \$lenght/],
    ['name &', 6, /too early/],
    ['name title', 5, /Unexpected “title”/],
    ['$sum(list', 9, /“\)” is missing/],
    ['`open', 5, /never closed/],
    ['"open', 5, /never closed/],
    ['"\\x"', 2, /escape/],
    ['/* open', 0, /comment/],
    ['order.true', 6, /step/],
    ['$match(name, /(/)', 17, /regular expression/],
    ['$match(name, /+/)', 13, /Nothing to repeat/],
    ['1e999', 0, /out of range/],
    [`${'('.repeat(19_999)}a`, 0, /nested too deeply/],
    ['a'.repeat(20_001), 20_000, /20001 characters/],
  ])('%.20s is refused at its place', (source, position, message) => {
    const parsed = parseExpression(source);
    expect(parsed).toMatchObject({ ok: false, fault: { position, message: expect.stringMatching(message) } });
  });

  it('is one whose nested alternatives would fill the memory when parsed', () => {
    const nested = (operator: string, depth: number): string =>
      depth === 0 ? 'a' : `(${nested(operator, depth - 1)} ${operator} b)`;
    for (const operator of ['??', '?:']) {
      expect(parseExpression(nested(operator, 10))).toMatchObject({ ok: true });
      expect(parseExpression(nested(operator, 40))).toMatchObject({ ok: false, fault: { message: /nested/ } });
    }
    expect(parseExpression(`${'|'.repeat(20)} a ?? b ${'|{}| ?? c'.repeat(20)}`)).toMatchObject({ ok: false });
    expect(parseExpression(`{ ${Array.from({ length: 100 }, (_, i) => `"f${i}": a.b ?? "x"`).join()} }`)).toMatchObject(
      {
        ok: true,
      },
    );
  });
});
