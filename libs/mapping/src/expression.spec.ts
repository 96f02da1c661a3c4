import { describe, expect, it } from 'vitest';
import { evaluate, parseExpression, type MappingContext } from './index.js';

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
  return evaluate(parsed.expression, context);
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
    ["'don\\'t'", "don't"],
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

describe('a faulty expression', () => {
  it.each([
    ['', 0, /empty/],
    ['order.', 6, /too early/],
    ['order..id', 6, /Unexpected/],
    ['$env.HOME', 0, /Unknown variable \$env/],
    ['name & "x"', 5, /Unexpected/],
    ['$uppercase(name)', 0, /Unknown variable/],
    ['`open', 0, /never closed/],
    ['"open', 0, /never closed/],
    ['"\\x"', 0, /escape/],
  ])('%s is refused at its place', (source, position, message) => {
    const parsed = parseExpression(source);
    expect(parsed).toMatchObject({ ok: false, fault: { position, message: expect.stringMatching(message) } });
  });
});
