import type { Json, StepError } from '@millrace/contracts';
import type { ConditionError, UndecidedStep } from '@millrace/flow-model';
import { inputShape } from '@millrace/mapping-sandbox';
import { excerpt } from './mapping-failed.js';

/**
 * Why it cannot be told whether a step shall run: the expression, the place in it, and the shape of what it read. No
 * values.
 */
export function conditionFailed({ step, undecided, output }: UndecidedStep): StepError {
  const source = step.entry.kind === 'condition' ? step.entry.source : '';
  const errors = undecided.ok ? [notBoolean(source, undecided.value, output)] : undecided.errors;
  const { expression, position, code, message, inputShape: shape } = errors[0] ?? notBoolean(source, undefined, output);
  return {
    code: 'condition_failed',
    message: `The condition of the edge to ${step.id} failed at character ${position + 1} of “${excerpt(expression, position)}”: ${message}`,
    detail: { errors: [{ expression, position, code, message, inputShape: shape }] },
  };
}

function notBoolean(expression: string, value: Json | undefined, output: Json): ConditionError {
  const gave = value === undefined ? 'nothing' : inputShape(value);
  const message = `A condition gives true or false, and this one gave ${gave}: compare something, or use $boolean().`;
  return { expression, position: 0, code: 'not_boolean', message, inputShape: inputShape(output) };
}
