import { isJsonObject, type Json } from '@millrace/contracts';
import type { Expression, MappingContext, PathStep } from './expression.js';

/**
 * Evaluates a parsed expression; `undefined` where the path leads nowhere. Arrays behave as in JSONata: a field of
 * an array is that field of every element, flattened, and a single hit stands for itself.
 * https://docs.jsonata.org/processing#sequences
 */
export function evaluate(expression: Expression, context: MappingContext): Json | undefined {
  if (expression.kind === 'literal') return expression.value;
  let value: Json | undefined = context[expression.root];
  for (const step of expression.steps) {
    if (value === undefined) return undefined;
    value = takeStep(value, step);
  }
  return value;
}

function takeStep(value: Json, step: PathStep): Json | undefined {
  if (!Array.isArray(value) || step.field === null) return takeOne(value, step);
  const found: Json[] = [];
  for (const item of value) {
    const hit = takeOne(item, step);
    if (Array.isArray(hit)) found.push(...hit);
    else if (hit !== undefined) found.push(hit);
  }
  if (found.length === 0) return undefined;
  return found.length === 1 ? found[0] : found;
}

function takeOne(item: Json, step: PathStep): Json | undefined {
  let value: Json | undefined = item;
  if (step.field !== null) {
    if (Array.isArray(item)) return takeStep(item, step);
    value = isJsonObject(item) && Object.hasOwn(item, step.field) ? item[step.field] : undefined;
  }
  for (const index of step.indexes) {
    if (value === undefined) return undefined;
    // A value that is no array counts as an array of one.
    value = Array.isArray(value) ? value.at(index) : index === 0 || index === -1 ? value : undefined;
  }
  return value;
}
