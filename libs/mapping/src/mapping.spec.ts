import { describe, expect, it } from 'vitest';
import { compileMapping, evaluateMapping, readsOf } from './index.js';

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
      { pointer: '/a~1b/~0c/1', position: 3 },
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
});
