// The scheme's length is bounded: without that, a long word makes the search quadratic.
const CREDENTIALS_IN_URL = /([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>]*@/giu;

/**
 * Replaces user and password in every URL of a text by `***`: `amqp://guest:x@host` becomes `amqp://***@host`.
 * Takes any text (a bare URL or a sentence that holds some), never throws.
 */
export function maskUrl(text: string): string {
  return text.includes('@') ? text.replace(CREDENTIALS_IN_URL, '$1***@') : text;
}
