import { expect, it } from 'vitest';
import { missingLabels, valuesOf } from './dependencies.js';

const operation = { config: { properties: { board: { title: 'Board' } } }, input: { properties: { list: {} } } };

it('says by their labels which fields have to be filled in before', () => {
  const dependsOn = ['config.board', 'input.list'];
  expect(missingLabels(dependsOn, { config: {}, input: { list: '' } }, operation)).toEqual(['Board', 'List']);
  expect(missingLabels(dependsOn, { config: { board: 'b' }, input: { list: 0 } }, operation)).toEqual([]);
});

it('takes the values that an answer depends on, and no others', () => {
  expect(valuesOf(['config.board', 'input.list'], { config: { board: 'b', other: 1 }, input: {} })).toEqual([
    'b',
    null,
  ]);
});
