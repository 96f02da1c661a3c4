import { isJsonObject, type Json } from '@millrace/contracts';
import type { MappingContext, PathStep, PlainExpression } from './expression.js';

/**
 * Evaluates a plain expression exactly as JSONata does; `undefined` where the path leads nowhere. A field of an array
 * is that field of every element, flattened, and a single hit stands for itself; an array that one object holds stays
 * an array. https://docs.jsonata.org/processing#sequences
 */
export function evaluatePlain(expression: PlainExpression, context: MappingContext): Json | undefined {
  if (expression.kind === 'literal') return expression.value;
  const { root, steps } = expression;
  let value: Json | undefined = root === 'field' ? context.output : context[root];
  for (let at = 0; at < steps.length; at += 1) {
    if (value === undefined) return undefined;
    const step: PathStep | undefined = steps[at];
    if (!step) return undefined;
    if (Array.isArray(value) && step.field !== null) {
      return throughArrays(root === 'field' && at === 0 ? [value] : value, steps, at);
    }
    if (step.field !== null) value = ownField(value, step.field);
    if (step.indexes.length > 0) value = takeIndexes(value, step.indexes);
  }
  return value;
}

/** The rest of a path from step `from` on, for each of several items. */
function throughArrays(start: Json[], steps: PathStep[], from: number): Json | undefined {
  let items = start;
  for (let at = from; at < steps.length; at += 1) {
    const step = steps[at];
    if (!step) return undefined;
    const found: Json[] = [];
    let hits = 0;
    let onlyArray: Json[] | undefined;
    for (const item of items) {
      let value = step.field === null ? item : fieldOf(item, step.field);
      if (step.indexes.length > 0) value = takeIndexes(value, step.indexes);
      else if (value === undefined) continue;
      // An index that leads nowhere counts as a hit, of nothing.
      hits += 1;
      if (Array.isArray(value)) {
        onlyArray = value;
        for (const element of value) found.push(element);
      } else if (value !== undefined) found.push(value);
    }
    if (at === steps.length - 1 && hits === 1 && onlyArray) return onlyArray;
    if (found.length === 0) return undefined;
    items = found;
  }
  return items.length === 1 ? items[0] : items;
}

function fieldOf(item: Json, field: string): Json | undefined {
  if (!Array.isArray(item)) return ownField(item, field);
  const found = collectField(item, field, []);
  return found.length > 1 ? found : found[0];
}

function collectField(items: Json[], field: string, found: Json[]): Json[] {
  for (const item of items) {
    if (Array.isArray(item)) {
      collectField(item, field, found);
      continue;
    }
    const value = ownField(item, field);
    if (Array.isArray(value)) for (const element of value) found.push(element);
    else if (value !== undefined) found.push(value);
  }
  return found;
}

function ownField(item: Json, field: string): Json | undefined {
  return isJsonObject(item) && Object.hasOwn(item, field) ? item[field] : undefined;
}

function takeIndexes(start: Json | undefined, indexes: number[]): Json | undefined {
  let value = start;
  for (const index of indexes) {
    // A value that is no array counts as an array of one.
    if (Array.isArray(value)) value = value.at(index);
    else if (index !== 0 && index !== -1) return undefined;
  }
  return value;
}
