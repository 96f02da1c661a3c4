import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';

/** Keywords whose schemas describe the same value as the schema they stand in. */
const sameValue = ['allOf', 'anyOf', 'oneOf'] as const;
/** Keywords whose schemas describe values inside it. */
const innerValue = ['items', 'prefixItems', 'additionalProperties'] as const;
/** Keywords that hold schemas by name. */
const named = ['properties', '$defs'] as const;

/**
 * The schema with each object in it refusing fields that it does not name. An object that already says what becomes of
 * others stays as it is; so does one that describes a part of the value only, because each side of an `allOf` must let the
 * fields of the other sides pass.
 */
export function closedSchema(schema: JsonObject): JsonObject {
  const parts = new Set<string>();
  collectParts(schema, false, parts);
  return closed(schema, { pointer: '#', part: false, parts }) as JsonObject;
}

/** The references that stand for a part of a value: what they lead to has to stay open. */
function collectParts(schema: Json | undefined, part: boolean, parts: Set<string>): void {
  if (!isJsonObject(schema)) return;
  if (part && typeof schema['$ref'] === 'string') parts.add(schema['$ref']);
  for (const keyword of sameValue) {
    for (const member of listOf(schema[keyword])) collectParts(member, part || keyword === 'allOf', parts);
  }
  for (const keyword of innerValue) for (const member of listOf(schema[keyword])) collectParts(member, false, parts);
  for (const keyword of named) {
    const members = schema[keyword];
    if (isJsonObject(members)) for (const member of Object.values(members)) collectParts(member, false, parts);
  }
}

interface Place {
  pointer: string;
  part: boolean;
  parts: ReadonlySet<string>;
}

function closed(schema: Json, place: Place): Json {
  if (!isJsonObject(schema)) return schema;
  const { pointer, parts } = place;
  const part = place.part || parts.has(pointer);
  const result: JsonObject = { ...schema };
  for (const keyword of sameValue) {
    const members = schema[keyword];
    if (!Array.isArray(members)) continue;
    const inside = { pointer: `${pointer}/${keyword}`, part: part || keyword === 'allOf', parts };
    result[keyword] = members.map((member) => closed(member, inside));
  }
  for (const keyword of innerValue) {
    const members = schema[keyword];
    const inside = { pointer: `${pointer}/${keyword}`, part: false, parts };
    if (Array.isArray(members)) result[keyword] = members.map((member) => closed(member, inside));
    else if (members !== undefined) result[keyword] = closed(members, inside);
  }
  for (const keyword of named) {
    const members = schema[keyword];
    if (!isJsonObject(members)) continue;
    result[keyword] = Object.fromEntries(
      Object.entries(members).map(([name, member]) => {
        return [name, closed(member, { pointer: `${pointer}/${keyword}/${name}`, part: false, parts })];
      }),
    );
  }
  if (!part && isJsonObject(schema['properties']) && schema['additionalProperties'] === undefined) {
    result['additionalProperties'] = false;
  }
  return result;
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
