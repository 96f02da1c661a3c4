import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { resolveReference } from './secrets-of.js';

/** What stands in place of a field that its schema marks secret. */
export const maskedSecret = '••••';

/** Whether anything in a JSON Schema is marked `writeOnly`. */
export function marksSecrets(schema: JsonObject): boolean {
  return JSON.stringify(schema).includes('"writeOnly":true');
}

/**
 * `value` with `••••` in place of all that its JSON Schema marks `writeOnly`, wherever that stands in objects and arrays. In
 * a union every branch counts, whether the value fits it or not: rather one field too many. What is not there is not added.
 */
export function maskSecrets(schema: JsonObject, value: Json): Json {
  return masked([schema], value, schema);
}

function masked(schemas: Iterable<Json | undefined>, value: Json, root: JsonObject): Json {
  if (value === null) return value;
  const all = expanded(schemas, root);
  if (all.length === 0) return value;
  if (all.some((schema) => schema['writeOnly'] === true)) return maskedSecret;
  if (Array.isArray(value)) return value.map((item, at) => masked(all.map(itemSchema(at)), item, root));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, masked(all.flatMap(memberSchemas(key)), member, root)]),
  );
}

/** The schemas that hold for the same value, each once, so that a schema that contains itself comes to an end. */
function expanded(schemas: Iterable<Json | undefined>, root: JsonObject): JsonObject[] {
  const found = new Set<JsonObject>();
  const waiting = [...schemas];
  while (waiting.length > 0) {
    const schema = waiting.pop();
    if (!isJsonObject(schema) || found.has(schema)) continue;
    found.add(schema);
    for (const branches of [schema['oneOf'], schema['anyOf'], schema['allOf']]) {
      if (Array.isArray(branches)) waiting.push(...branches);
    }
    if (typeof schema['$ref'] === 'string') waiting.push(resolveReference(schema['$ref'], root));
  }
  return [...found];
}

function itemSchema(at: number): (schema: JsonObject) => Json | undefined {
  return (schema) => {
    const first = schema['prefixItems'];
    return Array.isArray(first) && at < first.length ? first[at] : schema['items'];
  };
}

function memberSchemas(key: string): (schema: JsonObject) => (Json | undefined)[] {
  return (schema) => {
    const { properties, patternProperties, additionalProperties } = schema;
    if (isJsonObject(properties) && Object.hasOwn(properties, key)) return [properties[key]];
    // Which patterns fit is not asked: a foreign expression might never end.
    const byPattern = isJsonObject(patternProperties) ? Object.values(patternProperties) : [];
    return [...byPattern, additionalProperties];
  };
}
