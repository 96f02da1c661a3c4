/** Any value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object; the shape of configuration, mapped input and most step outputs. */
export interface JsonObject {
  [key: string]: Json;
}

/** True for objects that are neither `null` nor arrays. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
