import { isJsonObject, type Json, type JsonObject } from '@millrace/contracts';
import { maskedSecret, maskSecrets } from '@millrace/credentials';

/** A config without what its JSON Schema marks secret: a mark in place of it would be taken for the value where it arrives. */
export function openConfig(schema: JsonObject, config: JsonObject): JsonObject {
  const open = withoutMasked(maskSecrets(schema, config));
  return isJsonObject(open) ? open : {};
}

function withoutMasked(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => item !== maskedSecret).map(withoutMasked);
  if (!isJsonObject(value)) return value;
  const open = Object.entries(value).filter(([, member]) => member !== maskedSecret);
  return Object.fromEntries(open.map(([name, member]) => [name, withoutMasked(member)]));
}
