import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { jsonSchemaOf } from './json-schema.js';
import type { Operation } from './operation.js';

/**
 * What is wrong with the forms of an operation: a field that takes its values from a list that there is not, a list or schema that
 * depends on a field that there is not, a schema that would drop the fields that are computed. Types see most of it;
 * names inside `.meta()` they do not.
 */
export function formFaults(operation: Operation): string[] {
  const { options, schemas } = operation.form;
  const input = jsonSchemaOf(operation.input);
  const config = jsonSchemaOf(operation.config);
  const faults: string[] = [];
  for (const name of new Set([...listsIn(input), ...listsIn(config)])) {
    if (!options.has(name)) faults.push(`a field takes its values from options.${name}, which there is not`);
  }
  const depending = [
    ...[...options].map(([name, list]) => [`options.${name}`, list] as const),
    ...Object.entries(schemas).map(([name, schema]) => [`schemas.${name}`, schema] as const),
  ];
  for (const [place, { dependsOn }] of depending) {
    for (const name of dependsOn) {
      const [group = '', ...field] = name.split('.');
      const schema =
        group === 'config' ? config : group === 'input' && place.startsWith('options.') ? input : undefined;
      if (!schema || !mayHave(schema, field.join('.'))) faults.push(`${place} depends on ${name}, which there is not`);
    }
  }
  for (const [name, schema] of [
    ['input', input],
    ['output', jsonSchemaOf(operation.output)],
  ] as const) {
    if (!schemas[name] || isOpen(schema)) continue;
    faults.push(`schemas.${name} adds fields, so ${name} must be a z.looseObject`);
  }
  return faults;
}

function mayHave({ properties, additionalProperties }: JsonObject, field: string): boolean {
  return (isJsonObject(properties) && Object.hasOwn(properties, field)) || isJsonObject(additionalProperties);
}

function isOpen({ type, additionalProperties }: JsonObject): boolean {
  return type === undefined || isJsonObject(additionalProperties);
}

/** The lists that are named anywhere in a schema. */
function listsIn(schema: Json): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.values(schema).flatMap(listsIn);
  const own = isJsonObject(schema) ? schema['optionsFrom'] : undefined;
  return typeof own === 'string' ? [own, ...inner] : inner;
}
