import type { Expression } from './expression.js';
import type { CompiledMapping } from './mapping.js';

/** Whether no expression of a mapping reads anything but the value that it is evaluated on. */
export function readsOnlyData(mapping: CompiledMapping): boolean {
  switch (mapping.kind) {
    case 'constant':
      return true;
    case 'expression':
      return isOverData(mapping.expression);
    case 'array':
      return mapping.items.every(readsOnlyData);
    case 'object':
      return mapping.fields.every(([, field]) => readsOnlyData(field));
  }
}

function isOverData(expression: Expression): boolean {
  if (expression.kind === 'literal') return true;
  if (expression.kind === 'path') return expression.root === 'field' || expression.root === 'output';
  const { request, run, steps, allSteps, resumeSteps, anyResumeStep } = expression.reads;
  return !request && !run && steps.length === 0 && !allSteps && resumeSteps.length === 0 && !anyResumeStep;
}
