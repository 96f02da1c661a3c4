import { describe, expect, it } from 'vitest';
import { compileMapping, evaluateMapping, needsSandbox, readsOf, sandboxLeaves } from './index.js';

const context = { output: { petname: 'Gromit', gone: null }, steps: {}, request: undefined, run: {} };

describe('a mapping', () => {
  it('evaluates its string leaves, keeps constants and leaves out what is missing', () => {
    const { compiled, problems } = compileMapping({
      name: 'petname',
      status: '"sold"',
      age: 3,
      gone: 'gone',
      missing: 'nowhere',
      nested: { list: ['petname', 'nowhere', true] },
    });
    expect(problems).toEqual([]);
    expect(evaluateMapping(compiled, context)).toEqual({
      name: 'Gromit',
      status: 'sold',
      age: 3,
      gone: null,
      nested: { list: ['Gromit', true] },
    });
  });

  it('may be one expression', () => {
    expect(evaluateMapping(compileMapping('$').compiled, context)).toBe(context.output);
  });

  it('names every faulty expression by its JSON pointer', () => {
    const { problems } = compileMapping({ 'a/b': { '~c': ['petname', 'bad('] }, d: '' });
    expect(problems.map(({ pointer, position }) => ({ pointer, position }))).toEqual([
      { pointer: '/a~1b/~0c/1', position: 4 },
      { pointer: '/d', position: 0 },
    ]);
  });

  it('sets a field named __proto__ as an ordinary field', () => {
    const mapping = JSON.parse('{"__proto__": "petname"}') as { [key: string]: string };
    const result = evaluateMapping(compileMapping(mapping).compiled, context);
    expect(JSON.stringify(result)).toBe('{"__proto__":"Gromit"}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  it('tells which steps and whether the request it reads', () => {
    const reads = readsOf(
      compileMapping({ a: '$steps.step_1.x', b: ['$steps.step_3'], c: '$request.method' }).compiled,
    );
    expect([...reads.steps]).toEqual(['step_1', 'step_3']);
    expect(reads).toMatchObject({ request: true, allSteps: false });
    expect(readsOf(compileMapping('$steps').compiled).allSteps).toBe(true);
  });

  it('takes the values of what needs the sandbox in the order of its leaves', () => {
    const { compiled } = compileMapping({ a: 'petname', b: ['$uppercase(petname)', 1, '$sum([])'], 'c/d': '1 + 1' });
    expect(needsSandbox(compiled)).toBe(true);
    expect(sandboxLeaves(compiled).map(({ pointer }) => pointer)).toEqual(['/b/0', '/b/2', '/c~1d']);
    const values = ['GROMIT', undefined, 2].values();
    expect(evaluateMapping(compiled, context, values)).toEqual({ a: 'Gromit', b: ['GROMIT', 1], 'c/d': 2 });
    expect(() => evaluateMapping(compiled, context)).toThrow(/needs the sandbox/);
  });

  it('of plain expressions and constants only needs no sandbox', () => {
    expect(needsSandbox(compileMapping({ a: ['petname', '"x"', 1], b: { c: '$run' } }).compiled)).toBe(false);
  });
});
