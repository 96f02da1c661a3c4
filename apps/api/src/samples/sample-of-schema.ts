import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { isForbiddenName } from '../http/json-body.js';

/** More values than any mapping is made from; a schema whose definitions double again and again reaches it. */
const maxValues = 5_000;
/** Of a list that must have that many. */
const mostItems = 20;

interface Walk {
  root: JsonObject;
  /** References that are being followed: one that leads back to itself ends there. */
  following: readonly string[];
  /** Shared by the whole walk. */
  left: { values: number };
}

/**
 * An example of what a JSON Schema (2020-12) describes: its own example, default or constant where it has one, else a
 * value of its type and format, text being the name of its field. Of alternatives the first is taken. Where the schema
 * says nothing the example says nothing either: `{}` as the whole, `null` inside. It is the same each time, keeps to the bounds
 * of texts, numbers and lists, and does not look at `pattern`.
 */
export function sampleOfSchema(schema: JsonObject): Json {
  const walk: Walk = { root: schema, following: [], left: { values: maxValues } };
  return valueOf(schema, 'text', walk) ?? {};
}

/** `undefined` when the schema says nothing. */
function valueOf(schema: Json | undefined, name: string, walk: Walk): Json | undefined {
  walk.left.values -= 1;
  if (!isJsonObject(schema) || walk.left.values < 0) return undefined;
  const { examples, default: fallback, const: constant, enum: choices } = schema;
  for (const given of [first(examples), fallback, constant, first(choices)]) if (given !== undefined) return given;
  const parts = [
    ownValue(schema, name, walk),
    referred(schema['$ref'], name, walk),
    ...list(schema['allOf']).map((part) => valueOf(part, name, walk)),
    valueOf(first(schema['anyOf']), name, walk),
    valueOf(first(schema['oneOf']), name, walk),
  ].filter((part) => part !== undefined);
  return parts.every(isJsonObject) && parts.length > 0 ? Object.assign({}, ...parts) : parts[0];
}

function ownValue(schema: JsonObject, name: string, walk: Walk): Json | undefined {
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, walk);
    case 'array':
      return arrayOf(schema, name, walk);
    case 'string':
      return textOf(schema, name);
    case 'number':
    case 'integer':
      return numberOf(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return undefined;
  }
}

function typeOf(schema: JsonObject): Json | undefined {
  const types = [schema['type'] ?? []].flat();
  if (types.length > 0) return types.find((type) => type !== 'null') ?? 'null';
  if (schema['properties']) return 'object';
  if (schema['items'] ?? schema['prefixItems']) return 'array';
  return schema['format'] ? 'string' : undefined;
}

function objectOf({ properties }: JsonObject, walk: Walk): JsonObject {
  const fields = Object.entries(isJsonObject(properties) ? properties : {}).filter(
    ([name, field]) => !isForbiddenName(name) && !(isJsonObject(field) && field['writeOnly'] === true),
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, valueOf(field, name, walk) ?? null]));
}

function arrayOf(schema: JsonObject, name: string, walk: Walk): Json[] {
  const { items, minItems, maxItems, uniqueItems } = schema;
  const leading = list(schema['prefixItems']).map((item) => valueOf(item, name, walk) ?? null);
  const wanted = Math.min(Math.max(numeric(minItems) ?? 1, 0), numeric(maxItems) ?? mostItems, mostItems);
  if (items === undefined || wanted <= leading.length) return leading;
  const item = valueOf(items, name, walk);
  if (item === undefined) return leading;
  const values = Array.from({ length: wanted - leading.length }, () => item);
  return [...leading, ...(uniqueItems === true ? distinct(values, items) : values)];
}

/** Other values in place of the repeated ones, as far as the schema names others; else fewer. */
function distinct(values: Json[], items: Json): Json[] {
  const [value] = values;
  const { enum: choices, examples, minimum, maximum, maxLength, format } = isJsonObject(items) ? items : {};
  const named = [...list(choices), ...list(examples)];
  if (named.length > 0) return [...new Set(named)].slice(0, values.length);
  if (typeof value === 'number' && minimum === undefined && maximum === undefined) {
    return values.map((_, at) => value + at);
  }
  if (typeof value === 'string' && maxLength === undefined && format === undefined) {
    return values.map((_, at) => (at === 0 ? value : `${value}${at + 1}`));
  }
  return values.slice(0, 1);
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'ada@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  'uri-reference': '/example',
  iri: 'https://example.com/',
  'idn-email': 'ada@example.com',
  'idn-hostname': 'example.com',
  'json-pointer': '/example',
  byte: 'ZXhhbXBsZQ==',
  uuid: '0195b6a0-0000-7000-8000-000000000000',
};

function textOf({ format, minLength, maxLength }: JsonObject, name: string): string {
  const known = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  if (known !== undefined) return known;
  return name.padEnd(Math.min(numeric(minLength) ?? 0, 1_000), 'x').slice(0, numeric(maxLength));
}

/** The number next to 1 that lies within the bounds. */
function numberOf(schema: JsonObject): number {
  const whole = typeOf(schema) === 'integer';
  const step = numeric(schema['multipleOf']) ?? (whole ? 1 : undefined);
  const above = numeric(schema['exclusiveMinimum']) ?? -Infinity;
  const below = numeric(schema['exclusiveMaximum']) ?? Infinity;
  const least = numeric(schema['minimum']) ?? -Infinity;
  const most = numeric(schema['maximum']) ?? Infinity;
  if (step !== undefined && step > 0) {
    const first = Math.max(Math.ceil(least / step), Math.floor(above / step) + 1);
    const last = Math.min(Math.floor(most / step), Math.ceil(below / step) - 1);
    return Math.min(Math.max(Math.ceil(1 / step), first), last) * step;
  }
  const inside = (value: number): boolean => value >= least && value > above && value <= most && value < below;
  const [low, high] = [Math.max(least, above), Math.min(most, below)];
  return [1, low, high, low + 1, high - 1, (low + high) / 2].find(inside) ?? 1;
}

function referred(reference: Json | undefined, name: string, walk: Walk): Json | undefined {
  if (typeof reference !== 'string' || !reference.startsWith('#') || walk.following.includes(reference))
    return undefined;
  let target: Json | undefined = walk.root;
  for (const token of reference.split('/').slice(1)) {
    const key = decode(token).replaceAll('~1', '/').replaceAll('~0', '~');
    target = isJsonObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
  }
  return valueOf(target, name, { ...walk, following: [...walk.following, reference] });
}

function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function first(value: Json | undefined): Json | undefined {
  return list(value)[0];
}

function numeric(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
