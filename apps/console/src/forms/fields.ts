import { inWords, isRecord, resolved, type JsonSchema } from './json-schema.js';

/** How a field is filled in. `any` takes whatever JSON there is. */
export type FieldKind =
  | 'text'
  | 'multiline'
  | 'secret'
  | 'expression'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'choices'
  | 'texts'
  | 'object'
  | 'list'
  | 'map'
  | 'any';

export interface Field {
  name: string;
  label: string;
  help: string | undefined;
  kind: FieldKind;
  required: boolean;
  /** Folded away behind "More fields" when there are many. */
  advanced: boolean;
  placeholder: string | undefined;
  /** Values that it can have, of `choice` and `choices`. */
  choices: readonly Choice[];
  /** The name of the operation's list that offers values. */
  optionsFrom: string | undefined;
  /** What counts when it is left out. */
  fallback: unknown;
  schema: JsonSchema;
}

export interface Choice {
  value: string | number | boolean;
  label: string;
}

/** More optional fields than this are folded away. */
const manyFields = 4;

/** The fields of an object, required ones first, then by `order`, then as they are written. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema): Field[] {
  const { properties, required } = resolved(schema, root);
  if (!isRecord(properties)) return [];
  const needed = new Set(Array.isArray(required) ? required : []);
  const fields = Object.entries(properties).map(([name, property]) => {
    return fieldOf(name, isRecord(property) ? property : {}, { root, required: needed.has(name) });
  });
  return fields
    .map((field, at) => ({ field, at }))
    .toSorted((one, other) => {
      const byNeed = Number(isNeeded(other.field)) - Number(isNeeded(one.field));
      const byOrder = (one.field.schema.order ?? Infinity) - (other.field.schema.order ?? Infinity);
      return byNeed || (Number.isNaN(byOrder) ? 0 : byOrder) || one.at - other.at;
    })
    .map(({ field }) => field);
}

/** Whether a field must be filled in: what has a default need not be. */
export function isNeeded({ required, fallback }: Field): boolean {
  return required && fallback === undefined;
}

export function fieldOf(name: string, given: JsonSchema, of: { root: JsonSchema; required: boolean }): Field {
  const schema = resolved(given, of.root);
  const kind = kindOf(schema, of.root);
  return {
    name,
    label: typeof schema.title === 'string' ? schema.title : inWords(name),
    help: typeof schema.description === 'string' ? sentence(schema.description) : undefined,
    kind,
    required: of.required,
    advanced: schema.advanced === true,
    placeholder: placeholderOf(schema),
    choices: kind === 'choice' ? choicesOf(schema) : kind === 'choices' ? choicesOf(itemsOf(schema, of.root)) : [],
    optionsFrom: typeof schema.optionsFrom === 'string' ? schema.optionsFrom : undefined,
    fallback: schema.default,
    schema,
  };
}

/** The fields that are always shown, and those behind "More fields": what is advanced, and optional ones beyond a few. */
export function shownFields(fields: readonly Field[], filled: (name: string) => boolean): [Field[], Field[]] {
  const optional = fields.filter((field) => !isNeeded(field));
  const many = optional.length > manyFields;
  const folds = (field: Field): boolean =>
    !isNeeded(field) && !filled(field.name) && (field.advanced || (many && field.schema.order === undefined));
  return [fields.filter((field) => !folds(field)), fields.filter(folds)];
}

function kindOf(schema: JsonSchema, root: JsonSchema): FieldKind {
  if (schema.writeOnly === true) return 'secret';
  if (Array.isArray(schema.enum) || schema.const !== undefined) return 'choice';
  if (schema.format === 'data-expression') return 'expression';
  switch (typeOf(schema, root)) {
    case 'string':
      return schema.multiline === true ? 'multiline' : 'text';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return listKind(schema, root);
    case 'object':
      if (isRecord(schema.properties) && Object.keys(schema.properties).length > 0) return 'object';
      return isRecord(schema.additionalProperties) ? 'map' : 'any';
    default:
      return 'any';
  }
}

/** The type of a schema; of a choice the one that all have in common. */
function typeOf(schema: JsonSchema, root: JsonSchema): string | undefined {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.length <= 2 ? type.find((name) => name !== 'null') : undefined;
  const choices = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(choices)) return isRecord(schema.properties) ? 'object' : undefined;
  const types = new Set(choices.map((choice) => typeOf(resolved(choice, root), root)));
  const [common] = types;
  // Choices between objects have fields that depend on each other.
  return types.size === 1 && common !== 'object' ? common : undefined;
}

function listKind(schema: JsonSchema, root: JsonSchema): FieldKind {
  const items = itemsOf(schema, root);
  if (Array.isArray(items.enum)) return 'choices';
  return typeOf(items, root) === 'string' && items.format !== 'file' ? 'texts' : 'list';
}

export function itemsOf(schema: JsonSchema, root: JsonSchema): JsonSchema {
  return isRecord(schema.items) ? resolved(schema.items, root) : {};
}

function choicesOf(schema: JsonSchema): Choice[] {
  const values = Array.isArray(schema.enum) ? schema.enum : [schema.const];
  return values.filter(isChoosable).map((value) => ({ value, label: String(value) }));
}

function isChoosable(value: unknown): value is Choice['value'] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function placeholderOf({ placeholder, default: fallback, examples }: JsonSchema): string | undefined {
  if (typeof placeholder === 'string') return placeholder;
  const [example] = Array.isArray(examples) ? examples : [];
  const shown = isChoosable(fallback) ? fallback : isChoosable(example) ? example : undefined;
  return shown === undefined || shown === '' ? undefined : String(shown);
}

/** Help begins with a capital letter, whoever wrote it. */
function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}

/** A value in one line: texts as they are, everything else as JSON; nothing as an empty text. */
export function shownText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
