import type { Operation } from '../../../api/schema.generated.js';
import { fieldsOf } from '../../../forms/fields.js';

/** What is filled in of a step so far. */
export interface Filled {
  config: Readonly<Record<string, unknown>>;
  input: Readonly<Record<string, unknown>>;
}

/** The values that a list or a schema depends on; another list of them means another answer. */
export function valuesOf(dependsOn: readonly string[], filled: Filled): unknown[] {
  return dependsOn.map((dependency) => valueOf(dependency, filled) ?? null);
}

/** Labels of what has to be filled in before a list or a schema can be asked for. */
export function missingLabels(
  dependsOn: readonly string[],
  filled: Filled,
  operation: Pick<Operation, 'config' | 'input'>,
): string[] {
  return dependsOn
    .filter((dependency) => valueOf(dependency, filled) === undefined)
    .map((dependency) => {
      const [part, name] = split(dependency);
      return fieldsOf(operation[part]).find((field) => field.name === name)?.label ?? name;
    });
}

function valueOf(dependency: string, filled: Filled): unknown {
  const [part, name] = split(dependency);
  const values = filled[part];
  return Object.hasOwn(values, name) && values[name] !== '' ? (values[name] ?? undefined) : undefined;
}

function split(dependency: string): ['config' | 'input', string] {
  const dot = dependency.indexOf('.');
  return [dependency.startsWith('input.') ? 'input' : 'config', dependency.slice(dot + 1)];
}
