import { differenceOf, type FlowDraft } from '@millrace/flow-model';
import { expect, it } from 'vitest';
import { differenceLines } from './difference-words.js';

const before: FlowDraft = {
  steps: [{ id: 'step_1' }, { id: 'step_2', mapping: { 'a/b': 'petname' } }],
  edges: [{ from: 'step_1', to: 'step_2' }],
};
const after: FlowDraft = {
  steps: [{ id: 'step_1' }, { id: 'step_2', mapping: { 'a/b': 'name' } }, { id: 'step_3' }],
  edges: [
    { from: 'step_1', to: 'step_2', condition: 'amount > 5' },
    { from: 'step_2', to: 'step_3' },
  ],
  settings: { concurrency: 1 },
};

it('says what changed, step by step, and leaves out what follows from it', () => {
  const lines = differenceLines(differenceOf(before, after), (id) => `Step ${id}`);
  expect(lines.map(({ change, subject, fields }) => ({ change, subject, fields }))).toEqual([
    {
      change: 'changed',
      subject: 'Step step_2',
      fields: [{ name: 'mapping › a/b', before: 'petname', after: 'name' }],
    },
    { change: 'added', subject: 'Step step_3', fields: [] },
    { change: 'changed', subject: 'Step step_1 → Step step_2', fields: [{ name: 'condition', after: 'amount > 5' }] },
    { change: 'changed', subject: 'Flow', fields: [{ name: 'settings', after: '{"concurrency":1}' }] },
  ]);
  expect(differenceLines(differenceOf(before, before), String)).toEqual([]);
});
