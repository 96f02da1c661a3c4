import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { z } from 'zod';
import { closedSchema } from './closed-schema.js';

/** A zod schema as JSON Schema 2020-12. What JSON Schema cannot say is left open. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: keepExamples }) as JsonObject;
}

/** zod leaves out the examples of what is transformed, taking them for results; authors give what is to be filled in. */
function keepExamples({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: { examples?: unknown } }) {
  const examples = z.globalRegistry.get(zodSchema)?.examples;
  if (examples !== undefined) jsonSchema.examples = examples;
}

/** As `jsonSchemaOf`, and each plain `z.object` refuses fields that it does not name. */
export function closedSchemaOf(schema: z.ZodType): JsonObject {
  return closedSchema(jsonSchemaOf(schema));
}

/**
 * The whole of a schema that is partly computed: the fields that are always there, then those that were loaded. One that both
 * name is as it is written down. Throws, in words for the author, when what was loaded describes no object.
 */
export function wholeSchema(always: JsonObject, loaded: JsonObject): JsonObject {
  if (!isJsonObject(loaded['properties']) || (loaded['type'] ?? 'object') !== 'object') {
    throw new Error('it must be the JSON Schema of an object, with `properties`');
  }
  const [defs, moreDefs] = [objectOf(always['$defs']), objectOf(loaded['$defs'])];
  const twice = Object.keys(moreDefs).find((name) => Object.hasOwn(defs, name));
  if (twice !== undefined) throw new Error(`it defines $defs/${twice}, which the schema of the operation has, too`);
  const { $defs: _defs, properties: _properties, required: _required, ...rest } = loaded;
  const required = [...new Set([...listOf(always['required']), ...listOf(loaded['required'])])];
  return {
    ...always,
    ...rest,
    type: 'object',
    properties: { ...objectOf(always['properties']), ...absent(loaded['properties'], always['properties']) },
    ...(required.length > 0 ? { required } : {}),
    ...(Object.keys({ ...defs, ...moreDefs }).length > 0 ? { $defs: { ...defs, ...moreDefs } } : {}),
    additionalProperties: loaded['additionalProperties'] ?? true,
  };
}

function absent(loaded: JsonObject, always: Json | undefined): JsonObject {
  const there = objectOf(always);
  return Object.fromEntries(Object.entries(loaded).filter(([name]) => !Object.hasOwn(there, name)));
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
