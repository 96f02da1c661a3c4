import { isUtf8 } from 'node:buffer';
import { parseParameters } from './parameters.js';

const maxNameBytes = 255;
const fallback = 'file';

/** The file name that a `Content-Disposition` gives, made safe; `file` when it gives none that can be used. */
export function fileNameOf(contentDisposition: string | undefined): string {
  const semicolon = contentDisposition?.indexOf(';') ?? -1;
  if (contentDisposition === undefined || semicolon === -1) return fallback;
  return safeFileName(namedFile(parseParameters(contentDisposition.slice(semicolon))) ?? '');
}

/** `filename*` (RFC 8187), which can hold any character, before `filename`. `undefined` when there is neither. */
export function namedFile(parameters: ReadonlyMap<string, string> | undefined): string | undefined {
  const extended = parameters?.get('filename*');
  const plain = parameters?.get('filename');
  return (extended === undefined ? undefined : decodeExtended(extended)) ?? (plain && withUtf8(plain)) ?? plain;
}

function decodeExtended(value: string): string | undefined {
  const [charset, , encoded] = value.split("'");
  if (charset?.toLowerCase() !== 'utf-8' || encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Node hands out headers as ISO 8859-1, and senders write UTF-8. */
function withUtf8(value: string): string {
  if (!/^[\0-\xff]*$/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

/**
 * The last part of a path, without characters that control a terminal or turn the direction of writing, and of 255
 * bytes at most; a short ending such as `.pdf` survives the cut.
 */
export function safeFileName(given: string): string {
  const name = given
    .replace(/^.*[/\\]/s, '')
    .replaceAll(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu, '')
    .trim();
  if (name === '' || name === '.' || name === '..') return fallback;
  if (Buffer.byteLength(name) <= maxNameBytes) return name;
  const ending = /\.[A-Za-z0-9]{1,16}$/.exec(name)?.[0] ?? '';
  return cut(name, maxNameBytes - ending.length) + ending;
}

function cut(text: string, maxBytes: number): string {
  let kept = '';
  let bytes = 0;
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    if (bytes > maxBytes) break;
    kept += char;
  }
  return kept;
}
