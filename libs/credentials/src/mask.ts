import { isJsonObject, type Json } from '@millrace/contracts';

/** Takes the secrets out of a text. */
export type Mask = (text: string) => string;

const shown = '***';
const authorization = /\b(basic|bearer)\s+[\w+/=.~-]{4,}/gi;

/** Masks each of `secrets` as it is, in URL encoding, in base64 and as JSON writes it, and authorization values at all. */
export function createMask(secrets: readonly string[]): Mask {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret === '') continue;
    forms.add(secret);
    forms.add(JSON.stringify(secret).slice(1, -1));
    const bytes = Buffer.from(secret);
    // By way of the bytes, because a lone surrogate has no URL encoding.
    forms.add(encodeURIComponent(bytes.toString()));
    forms.add(bytes.toString('base64').replace(/=+$/, ''));
    forms.add(bytes.toString('base64url'));
  }
  // The longest first: a secret may be part of another.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let masked = text.replace(authorization, `$1 ${shown}`);
    for (const form of ordered) masked = masked.replaceAll(form, shown);
    return masked;
  };
}

/** Masks every text in a JSON value, keys included. */
export function maskJson(value: Json, mask: Mask): Json {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskJson(item, mask));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [mask(key), maskJson(member, mask)]));
}
