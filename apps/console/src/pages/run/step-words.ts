import type { Component } from '../../api/schema.generated.js';
import type { Definition } from './run-definition.js';

/** What a step of a run is called. */
export interface StepWords {
  /** Its own name, else what it does. */
  name: string;
  /** The component that does it; an empty text where neither the version nor the catalogue tells more than the name does. */
  component: string;
}

/** How people know a step, by the version of the run and, as far as it is there, the catalogue. */
export function stepWords(
  stepId: string,
  definition: Pick<Definition, 'steps'> | undefined,
  components: ReadonlyMap<string, Component>,
): StepWords {
  const step = definition?.steps.find(({ id }) => id === stepId);
  const component = components.get(step?.component ?? '');
  const operation = component?.operations.find(({ name }) => name === step?.operation);
  const title = component?.title ?? step?.component ?? '';
  const name = step?.name || operation?.title || title || stepId;
  return { name, component: name === title ? '' : title };
}
