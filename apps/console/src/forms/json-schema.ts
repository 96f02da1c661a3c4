import { pointerNames } from '../ui/json-pointer.js';

/** A JSON Schema as descriptors hold it, with the hints for forms. Comes from a component: nothing in it is certain. */
export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  $ref?: string;
  writeOnly?: boolean;
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  placeholder?: string;
  order?: number;
  advanced?: boolean;
  multiline?: boolean;
  optionsFrom?: string;
}

/** References that lead through more than this many others lead in a circle. */
const maxReferences = 16;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a schema means once its reference is followed and "or nothing" is left out. Unknown references accept anything. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let at = schema;
  for (let followed = 0; followed < maxReferences; followed += 1) {
    const next = referenced(at, root) ?? withoutNull(at);
    if (next === undefined) return at;
    at = next;
  }
  return {};
}

/** What the keys beside a reference or a choice say of the field stays true of what they lead to. */
function referenced(schema: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  if (typeof schema.$ref !== 'string') return undefined;
  const { $ref, ...beside } = schema;
  let target: unknown = root;
  for (const name of pointerNames($ref)) {
    target = isRecord(target) && Object.hasOwn(target, name) ? target[name] : {};
  }
  return { ...(isRecord(target) ? target : {}), ...beside };
}

function withoutNull(schema: JsonSchema): JsonSchema | undefined {
  const choices = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(choices)) return undefined;
  const values = choices.filter((choice) => choice.type !== 'null');
  const [only] = values;
  if (values.length !== 1 || only === undefined) return undefined;
  const { anyOf: _anyOf, oneOf: _oneOf, ...beside } = schema;
  return { ...only, ...beside };
}

/** A name in words: "headerName" becomes "Header name", "max_items" "Max items". */
export function inWords(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replaceAll(/[_-]+/g, ' ')
    .trim();
  const known = words.replaceAll(/\b(?:url|id|api|xml|json|html|http|cors)\b/gi, (word) => word.toUpperCase());
  return known === '' ? name : `${known[0]?.toUpperCase()}${known.slice(1)}`;
}
