import type { JsonObject, OperationDescriptor } from '@millrace/contracts';
import type { FlowDraft } from './draft.js';
import type { Catalogue } from './validate.js';

/** The output of the step before. */
const everything = '$';

/**
 * The draft as it is published: a step that has no mapping, and whose action takes any value rather than fields, gets the whole
 * output of the step before.
 */
export function withWholeInputs(draft: FlowDraft, catalogue: Pick<Catalogue, 'component'>): FlowDraft {
  let filled = false;
  const steps = draft.steps.map((step) => {
    if (step.mapping !== undefined || !step.component) return step;
    const operations = catalogue.component(step.component)?.operations ?? [];
    if (!operations.some((operation) => operation.name === step.operation && takesAnyValue(operation))) return step;
    filled = true;
    return { ...step, mapping: everything };
  });
  return filled ? { ...draft, steps } : draft;
}

const restrictions = ['type', 'properties', 'required', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'];

function takesAnyValue({ kind, input }: OperationDescriptor): boolean {
  const schema: JsonObject = input;
  return kind === 'action' && restrictions.every((keyword) => schema[keyword] === undefined);
}
