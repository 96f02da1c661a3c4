import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';

/** A field that somebody fills in or an operator sets. */
export interface SchemaField {
  /** `config.paging.emit`; `[]` stands for the elements of a list, `*` for fields of any name. */
  path: string;
  name: string;
  /** What is said of it, with what a reference adds. */
  schema: JsonObject;
}

/** The fields of a JSON Schema as `descriptorOf` makes them, nested ones and those of every variant included. */
export function fieldsOf(schema: JsonObject, path: string): SchemaField[] {
  return collect(schema, path, { root: schema, passed: new Set() });
}

interface Walk {
  root: JsonObject;
  /** References on the way here: a schema may contain itself. */
  passed: ReadonlySet<string>;
}

function collect(given: Json | undefined, path: string, walk: Walk): SchemaField[] {
  if (!isJsonObject(given)) return [];
  const reference = given['$ref'];
  if (typeof reference === 'string') {
    if (walk.passed.has(reference)) return [];
    return collect(resolved(given, walk), path, { ...walk, passed: new Set([...walk.passed, reference]) });
  }
  const own = Object.entries(isJsonObject(given['properties']) ? given['properties'] : {}).flatMap(([name, member]) => {
    const place = `${path}.${name}`;
    const schema = isJsonObject(member) ? resolved(member, walk) : {};
    return [{ path: place, name, schema }, ...collect(member, place, walk)];
  });
  const variants = ['anyOf', 'oneOf', 'allOf'].flatMap((keyword) => {
    const members = given[keyword];
    return Array.isArray(members) ? members.flatMap((member) => collect(member, path, walk)) : [];
  });
  return [
    ...own,
    ...variants,
    ...collect(given['items'], `${path}[]`, walk),
    ...collect(given['additionalProperties'], `${path}.*`, walk),
  ];
}

/** What the schema says itself counts before what it refers to. */
function resolved(schema: JsonObject, { root }: Walk): JsonObject {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const name = reference.replace('#/$defs/', '');
  const definitions = root['$defs'];
  const target = isJsonObject(definitions) ? definitions[name] : undefined;
  const { $ref: _reference, ...own } = schema;
  return isJsonObject(target) ? { ...target, ...own } : own;
}
