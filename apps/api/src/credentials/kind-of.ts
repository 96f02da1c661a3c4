import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { marksSecrets } from '@millrace/credentials';
import type { Credential } from './schemas.js';

/** What the fields say that is no secret: values that the schema of the component lists, so that nobody has made them up. */
export function kindOf(schema: JsonObject, fields: JsonObject): Pick<Credential, 'type' | 'preset'> {
  const named = (name: 'type' | 'preset'): string | null => {
    const value = fields[name];
    return typeof value === 'string' && isNamed(schemasOf(schema, name), value) ? value : null;
  };
  return { type: named('type'), preset: named('preset') };
}

/** Whether one of the schemas has this value as the only one, or in a list, and none marks it secret. */
function isNamed(schemas: JsonObject[], value: string): boolean {
  if (schemas.some(marksSecrets)) return false;
  return schemas.some((schema) => schema['const'] === value || listOf(schema['enum']).includes(value));
}

/** The schemas of a property in all forms that an object of this schema may have. */
function schemasOf(schema: Json | undefined, name: string): JsonObject[] {
  if (!isJsonObject(schema)) return [];
  const { properties } = schema;
  const own = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  const forms = ['oneOf', 'anyOf', 'allOf'].flatMap((key) => listOf(schema[key]));
  return [...(isJsonObject(own) ? [own] : []), ...forms.flatMap((form) => schemasOf(form, name))];
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
