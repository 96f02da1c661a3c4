import { isJsonObject, type Json, type JsonObject, type OperationDescriptor } from '@millrace/contracts';
import { compileMapping, pointerToken, readsOf } from '@millrace/mapping';
import type { DraftStep } from './draft.js';
import type { Problem } from './problem.js';
import { schemaProblems } from './schema-problems.js';
import { isReceiveStep, receiveProblems } from './webhook-steps.js';

/** Whatever the operation's schema refuses of a step's configuration: fields, values and expressions. */
export function configProblems(step: DraftStep, stepPointer: string, operation: OperationDescriptor): Problem[] {
  const config = step.config ?? {};
  const pointer = `${stepPointer}/config`;
  const problems = schemaProblems(config, pointer, operation.config, operation.title);
  return problems.length === 0 && isReceiveStep(step) ? receiveProblems(config, pointer) : problems;
}

/** Required and unknown fields, broken expressions and reads of steps that do not come before. */
export function mappingProblems(
  step: DraftStep,
  stepPointer: string,
  operation: OperationDescriptor,
  ancestors: string[],
): Problem[] {
  const pointer = `${stepPointer}/mapping`;
  const mapping = step.mapping ?? {};
  const { compiled, problems: faults } = compileMapping(mapping);
  const problems: Problem[] = faults.map((fault) => ({
    pointer: pointer + fault.pointer,
    code: 'invalid_expression',
    message: `At character ${fault.position + 1}: ${fault.message}`,
  }));
  if (typeof mapping !== 'string') problems.push(...fieldProblems(mapping, pointer, operation.input, operation.title));
  for (const read of readsOf(compiled).steps) {
    if (ancestors.includes(read)) continue;
    const message = `The mapping reads $steps.${read}, and no step of that id comes before ${step.id}.`;
    problems.push({ pointer, code: 'unknown_output', message });
  }
  return problems;
}

// Only the outermost fields can be judged: the values are known when the step runs, and the component checks them then.
function fieldProblems(value: Json, pointer: string, schema: JsonObject, title: string): Problem[] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const fields = isJsonObject(value) ? value : {};
  const problems: Problem[] = [];
  for (const name of required) {
    if (typeof name !== 'string' || Object.hasOwn(fields, name) || hasDefault(properties[name])) continue;
    const message = `“${title}” needs the field “${labelOf(properties[name]) ?? name}”.`;
    problems.push({ pointer: `${pointer}/${pointerToken(name)}`, code: 'field_missing', message });
  }
  if (schema['additionalProperties'] !== false) return problems;
  for (const name of Object.keys(fields)) {
    if (Object.hasOwn(properties, name)) continue;
    const message = `“${title}” has no field “${name}”.`;
    problems.push({ pointer: `${pointer}/${pointerToken(name)}`, code: 'unknown_field', message });
  }
  return problems;
}

function hasDefault(property: Json | undefined): boolean {
  return isJsonObject(property) && Object.hasOwn(property, 'default');
}

function labelOf(property: Json | undefined): string | undefined {
  const title = isJsonObject(property) ? property['title'] : undefined;
  return typeof title === 'string' ? title : undefined;
}
