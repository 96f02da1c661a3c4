import { expect, it } from 'vitest';
import type { Component } from '../../api/schema.generated.js';
import { stepWords } from './step-words.js';

const definition = {
  steps: [
    { id: 'step_1', component: 'petstore', operation: 'createPet' },
    { id: 'step_2', component: 'petstore', operation: 'createPet', name: 'Keep the pet' },
  ],
};
const petstore = { title: 'Petstore API', operations: [{ name: 'createPet', title: 'Create a pet' }] };
const components = new Map([['petstore', petstore as Component]]);

it('calls a step by its own name, else by what it does, and says of which component that is', () => {
  expect(stepWords('step_1', definition, components)).toEqual({ name: 'Create a pet', component: 'Petstore API' });
  expect(stepWords('step_2', definition, components)).toEqual({ name: 'Keep the pet', component: 'Petstore API' });
});

it('has a name for every step, whatever is not known', () => {
  expect(stepWords('step_1', definition, new Map())).toEqual({ name: 'petstore', component: '' });
  expect(stepWords('step_9', undefined, components)).toEqual({ name: 'step_9', component: '' });
});
