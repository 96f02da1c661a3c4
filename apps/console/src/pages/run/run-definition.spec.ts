import { expect, it } from 'vitest';
import { runDefinition, versionsOf } from './run-definition.js';

const definition = (...ids: string[]) => ({
  steps: ids.map((id) => ({ id, component: 'petstore', operation: 'createPet' })),
  edges: ids.slice(1).map((to, at) => ({ from: ids[at] ?? '', to })),
});

it('takes the newest version, and the steps that ran and have gone from it', () => {
  const old = definition('step_1', 'step_2', 'step_3');
  const found = runDefinition([definition('step_1', 'step_4'), old], new Set(['step_1', 'step_2', 'step_4']));
  expect(found?.steps.map(({ id }) => id)).toEqual(['step_1', 'step_4', 'step_2']);
  expect(found?.edges).toEqual([
    { from: 'step_1', to: 'step_4' },
    { from: 'step_1', to: 'step_2' },
  ]);
  expect(runDefinition([], new Set())).toBeUndefined();
});

it('knows the versions of a run and of the steps that were retried, newest first', () => {
  const steps = [1, 3, 3, null].map((flowVersion) => ({ flowVersion }));
  expect(versionsOf({ flowVersion: 1, steps })).toEqual([3, 1]);
  expect(versionsOf({ flowVersion: null, steps: [] })).toEqual([]);
});
