import { isRecord, resolved, type JsonSchema } from '../../forms/json-schema.js';

/** What the documentation says of one field of a schema. */
export interface FieldDoc {
  /** Where it is: `name`, `author.username`, `tags[]`, `headers.*`. */
  path: string;
  depth: number;
  type: string;
  required: boolean;
  /** Never shown again once it is stored. */
  secret: boolean;
  description: string;
  /** Bounds and fixed values in words. */
  limits: string[];
  /** As JSON; undefined where there is none. */
  defaultValue: string | undefined;
  examples: string[];
}

/** One of the shapes that a value may have. */
export interface ShapeDoc {
  /** What tells the shape from the others: the fixed value of its `type`, or its number. */
  title: string | undefined;
  description: string | undefined;
  fields: FieldDoc[];
}

/** A component could describe fields without end. */
const maxDepth = 6;
const maxFields = 400;

/** The fields of a schema, one list for each of the shapes that it allows. */
export function shapesOf(root: unknown): ShapeDoc[] {
  if (!isRecord(root)) return [];
  const schema = resolved(root, root);
  const choices = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(choices)) return [{ title: undefined, description: undefined, fields: fieldsOf(schema, root) }];
  return choices.map((given, index) => {
    const choice = resolved(given, root);
    const { type } = choice.properties ?? {};
    return {
      title: choice.title ?? (type?.const === undefined ? `Shape ${index + 1}` : text(type.const)),
      description: choice.description ?? type?.description,
      fields: fieldsOf(choice, root).filter(({ path }) => !(path === 'type' && type?.const !== undefined)),
    };
  });
}

function fieldsOf(schema: JsonSchema, root: JsonSchema): FieldDoc[] {
  const docs: FieldDoc[] = [];
  collect(schema, { root, docs, prefix: '', depth: 0 });
  return docs;
}

interface Walk {
  root: JsonSchema;
  docs: FieldDoc[];
  prefix: string;
  depth: number;
}

function collect(schema: JsonSchema, walk: Walk): void {
  if (walk.depth > maxDepth) return;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const properties = Object.entries(isRecord(schema.properties) ? schema.properties : {});
  const byOrder = properties.toSorted(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0));
  for (const [name, given] of byOrder) add(given, name, required.has(name), walk);
  if (isRecord(schema.additionalProperties)) add(schema.additionalProperties, '*', false, walk);
}

function add(given: JsonSchema, name: string, required: boolean, { root, docs, prefix, depth }: Walk): void {
  if (docs.length >= maxFields || !isRecord(given)) return;
  const schema = resolved(given, root);
  const path = `${prefix}${name}`;
  docs.push({
    path,
    depth,
    type: typeWords(schema, root),
    required,
    secret: schema.writeOnly === true,
    description: cut(schema.description ?? schema.title ?? ''),
    limits: limitsOf(schema),
    defaultValue: schema.default === undefined ? undefined : cut(JSON.stringify(schema.default)),
    examples: examplesOf(schema),
  });
  collect(schema, { root, docs, prefix: `${path}.`, depth: depth + 1 });
  if (isRecord(schema.items)) {
    const items = resolved(schema.items, root);
    collect(items, { root, docs, prefix: `${path}[].`, depth: depth + 1 });
  }
}

/** The type in words: "text", "list of whole numbers", "text or number". */
function typeWords(schema: JsonSchema, root: JsonSchema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices))
    return [...new Set(choices.map((each) => typeWords(resolved(each, root), root)))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => plain(type, schema)).join(' or ');
  if (schema.type === 'array' && isRecord(schema.items)) {
    const items = typeWords(resolved(schema.items, root), root);
    return items === 'anything' ? 'list' : `list of ${items}`;
  }
  return plain(schema.type, schema);
}

function plain(type: string | undefined, schema: JsonSchema): string {
  switch (type) {
    case 'string':
      return formats[schema.format ?? ''] ?? 'text';
    case 'integer':
      return 'whole number';
    case 'number':
      return 'number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'list';
    case 'object':
      return 'object';
    case 'null':
      return 'nothing';
    default:
      return schema.enum || schema.const !== undefined ? 'fixed value' : 'anything';
  }
}

const formats: Readonly<Record<string, string>> = {
  'date-time': 'time (ISO 8601)',
  date: 'day (ISO 8601)',
  uri: 'URL',
  email: 'e-mail address',
  uuid: 'UUID',
  'data-expression': 'expression (JSONata)',
};

type Bounds = JsonSchema & {
  minLength?: number;
  minItems?: number;
  maxItems?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
};

/** zod writes the bounds of whole numbers that JSON can hold; they say nothing. */
const says = (bound: number | undefined): bound is number =>
  typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

function limitsOf(schema: Bounds): string[] {
  const { minLength, maxLength, minimum, maximum, minItems, maxItems, exclusiveMinimum, exclusiveMaximum } = schema;
  const limits: string[] = [];
  if (Array.isArray(schema.enum)) limits.push(`one of ${schema.enum.map((value) => text(value)).join(', ')}`);
  if (schema.const !== undefined) limits.push(`always ${text(schema.const)}`);
  if (minLength === 1) limits.push('not empty');
  else if (says(minLength) && minLength > 0) limits.push(`at least ${minLength.toLocaleString('en')} characters`);
  if (says(maxLength)) limits.push(`at most ${maxLength.toLocaleString('en')} characters`);
  if (says(minimum)) limits.push(`at least ${minimum.toLocaleString('en')}`);
  if (says(exclusiveMinimum)) limits.push(`more than ${exclusiveMinimum.toLocaleString('en')}`);
  if (says(maximum)) limits.push(`at most ${maximum.toLocaleString('en')}`);
  if (says(exclusiveMaximum)) limits.push(`less than ${exclusiveMaximum.toLocaleString('en')}`);
  if (says(minItems) && minItems > 0) limits.push(`at least ${minItems.toLocaleString('en')} in the list`);
  if (says(maxItems)) limits.push(`at most ${maxItems.toLocaleString('en')} in the list`);
  if (typeof schema.optionsFrom === 'string') limits.push('values are offered by the component');
  return limits;
}

function examplesOf({ examples, placeholder }: JsonSchema): string[] {
  if (Array.isArray(examples) && examples.length > 0) return examples.slice(0, 3).map(text);
  return typeof placeholder === 'string' && placeholder !== '' ? [cut(placeholder)] : [];
}

function text(value: unknown): string {
  return cut(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Longer texts explain nothing. */
const longestText = 1_000;

function cut(words: string): string {
  return words.length > longestText ? `${words.slice(0, longestText)}…` : words;
}
