import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';

const mask = '***';

/** Values of the fields that the schema marks `writeOnly`, wherever they stand. */
export function secretValues(schema: JsonObject, fields: JsonObject): string[] {
  const names = new Set<string>();
  collectSecretNames(schema, names);
  const values: string[] = [];
  collectTexts(fields, names, values);
  return values;
}

/** The text without any of the secrets. What a component says of a credential may repeat what it was given. */
export function maskSecrets(text: string, secrets: string[]): string {
  // The longest first, or a secret that is part of another would leave the rest of that one.
  const ordered = secrets.filter((secret) => secret !== '').sort((left, right) => right.length - left.length);
  return ordered.reduce((masked, secret) => masked.replaceAll(secret, mask), text);
}

function collectSecretNames(schema: Json, names: Set<string>): void {
  if (Array.isArray(schema)) for (const part of schema) collectSecretNames(part, names);
  if (!isJsonObject(schema)) return;
  const { properties } = schema;
  if (isJsonObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      if (isJsonObject(property) && property['writeOnly'] === true) names.add(name);
    }
  }
  for (const part of Object.values(schema)) collectSecretNames(part, names);
}

function collectTexts(value: Json, names: Set<string>, texts: string[], secret = false): void {
  if (secret && typeof value === 'string') texts.push(value);
  if (Array.isArray(value)) for (const item of value) collectTexts(item, names, texts, secret);
  if (!isJsonObject(value)) return;
  for (const [name, member] of Object.entries(value)) collectTexts(member, names, texts, secret || names.has(name));
}
