import { isJsonObject, type Json } from '@millrace/contracts';

/** Takes the secrets out of a text. */
export type Mask = (text: string) => string;

const shown = '***';
/** From this length on a secret is taken out wherever it stands, also inside of words. */
const wordChars = 4;
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
  // Of a secret of one or two characters every text is full: it is taken out where it stands by itself.
  const long = ordered.filter((form) => form.length >= wordChars);
  const short = ordered.filter((form) => form.length < wordChars).map(byItself);
  return (text) => {
    let masked = text.replace(authorization, `$1 ${shown}`);
    for (const form of long) masked = masked.replaceAll(form, shown);
    for (const form of short) masked = masked.replaceAll(form, shown);
    return masked;
  };
}

function byItself(form: string): RegExp {
  const literal = form.replaceAll(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}*])${literal}(?![\\p{L}\\p{N}*])`, 'gu');
}

/** Masks every text in a JSON value, keys included. */
export function maskJson(value: Json, mask: Mask): Json {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskJson(item, mask));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [mask(key), maskJson(member, mask)]));
}
