import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { BodyFaultError, refuse } from './body-error.js';

/**
 * Bytes as text; a byte order mark is dropped. `charset` is a label of the WHATWG Encoding Standard, UTF-8 if there is
 * none. Throws `BodyFaultError` for bytes that are none of the charset's, and for a charset that is not known.
 */
export function decodeText(bytes: Buffer, charset: string | undefined): string {
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') {
    if (!isUtf8(bytes)) refuse('The body is not valid UTF-8, and it is said to be in no other charset');
    return withoutUtf8Mark(bytes).toString('utf8');
  }
  const decoder = decoderOf(charset === 'utf-16' && byteOrderMark(bytes) === 'utf-16be' ? 'utf-16be' : charset);
  // Node 20 decodes ISO 8859-1 in its place, and so turns “€” and quotation marks into control characters.
  if (decoder.encoding === 'windows-1252') return decodeWindows1252(bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse('The body has bytes that the charset it is said to be in does not have');
  }
}

/** What a byte order mark at the beginning says. */
export function byteOrderMark(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

export function withoutUtf8Mark(bytes: Buffer): Buffer {
  return byteOrderMark(bytes) === 'utf-8' ? bytes.subarray(3) : bytes;
}

/** The name in the standard that stands behind a label; throws `BodyFaultError` when there is none. */
export function encodingOf(charset: string): string {
  return decoderOf(charset).encoding;
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    const message = 'The charset that the body is said to be in is not known: send UTF-8.';
    throw new BodyFaultError({ code: 'unsupported_media_type', message });
  }
}

/** What windows-1252 has at 0x80 to 0x9f; elsewhere it is ISO 8859-1. */
const windows1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

function decodeWindows1252(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[\x80-\x9f]/g, (char) => windows1252.charAt(char.charCodeAt(0) - 0x80));
}
