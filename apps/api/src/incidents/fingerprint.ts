import { createHash } from 'node:crypto';
import { isJsonObject } from '@millrace/contracts';

/** What of a failure tells which others are like it. */
export interface Failure {
  code: string;
  message: string;
}

const readMessageLength = 2_000;

// Whole escapes only: the text may end within one, and a `\u` behind an escaped backslash is none.
const characters = String.raw`(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*`;
const cutError = new RegExp(`^\\{"code":"(${characters})","message":"(${characters})`);

/**
 * The code and message of an error, out of the beginning of its JSON text. What was cut in its message is so long that
 * nothing depends on it.
 */
export function readFailure(json: string): Failure {
  try {
    const error: unknown = JSON.parse(json);
    if (!isJsonObject(error)) return { code: 'unknown', message: '' };
    const { code, message } = error;
    return {
      code: typeof code === 'string' ? code : 'unknown',
      message: typeof message === 'string' ? message.slice(0, readMessageLength) : '',
    };
  } catch {
    const [, code = 'unknown', message = ''] = cutError.exec(json) ?? [];
    return {
      code: JSON.parse(`"${code}"`) as string,
      message: (JSON.parse(`"${message}"`) as string).slice(0, readMessageLength),
    };
  }
}

// Each finds what differs from one failure to the next of the same kind. In this order: an address holds numbers, and so
// may a quotation.
const variable: [RegExp, string][] = [
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>()“”]+/gi, '<url>'],
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, '<email>'],
  [/“[^”]*”|«[^»]*»|"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, '<value>'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\b/gi, '<address>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, '<address>'],
  // A word with digits in it that is longer than words with digits are: a key, a hash, a number with a prefix.
  [/\b(?=[\w-]*\d)[\w-]{10,}\b/g, '<id>'],
  [/\d+(?:[.,]\d+)*/g, '<number>'],
];

/** The message with a mark in place of all that differs from case to case: addresses, quoted values, ids, times, numbers. */
export function normalisedMessage(message: string): string {
  const text = message.slice(0, readMessageLength);
  return variable
    .reduce((rest, [pattern, mark]) => rest.replace(pattern, mark), text)
    .replace(/\s+/g, ' ')
    .trim();
}

/** The same for failures of the same kind at the same step, and another one for others: 32 hex digits. */
export function fingerprintOf(stepId: string, { code, message }: Failure): string {
  const told = JSON.stringify([stepId, code, normalisedMessage(message)]);
  return createHash('sha256').update(told).digest('hex').slice(0, 32);
}
