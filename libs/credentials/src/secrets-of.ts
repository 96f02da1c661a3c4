import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';

/** The values in `fields` that their JSON Schema marks `writeOnly`, each once; strings and numbers as text. */
export function secretsOf(schema: JsonObject, fields: Json): string[] {
  const found = new Set<string>();
  collect(schema, fields, { root: schema, found, depth: 0 });
  return [...found];
}

interface Search {
  root: JsonObject;
  found: Set<string>;
  depth: number;
}

const maxDepth = 32;

function collect(schema: Json | undefined, value: Json | undefined, search: Search): void {
  if (!isJsonObject(schema) || value === undefined || search.depth > maxDepth) return;
  const below = { ...search, depth: search.depth + 1 };
  if (schema['writeOnly'] === true) collectAll(value, search.found);
  for (const branches of [schema['oneOf'], schema['anyOf'], schema['allOf']]) {
    if (Array.isArray(branches)) for (const branch of branches) collect(branch, value, below);
  }
  if (typeof schema['$ref'] === 'string') collect(resolveReference(schema['$ref'], search.root), value, below);
  if (Array.isArray(value)) {
    for (const item of value) collect(schema['items'], item, below);
  } else if (isJsonObject(value)) {
    const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
    for (const [key, member] of Object.entries(value)) {
      collect(Object.hasOwn(properties, key) ? properties[key] : schema['additionalProperties'], member, below);
    }
  }
}

function collectAll(value: Json, found: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectAll(item, found);
  else if (isJsonObject(value)) for (const member of Object.values(value)) collectAll(member, found);
  else if (typeof value === 'string' || typeof value === 'number') found.add(String(value));
}

/** What a reference within a JSON Schema leads to; `undefined` when that is nothing, or is elsewhere. */
export function resolveReference(reference: string, root: JsonObject): Json | undefined {
  if (!reference.startsWith('#/')) return reference === '#' ? root : undefined;
  let place: Json | undefined = root;
  for (const segment of reference.slice(2).split('/')) {
    if (!isJsonObject(place)) return undefined;
    place = place[segment.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return place;
}
