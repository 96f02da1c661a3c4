import { BodyFaultError } from './body-error.js';
import { decodeText, encodingOf } from './charset.js';
import { NamedValues } from './named-values.js';

const maxFields = 10_000;
/** In these the bytes of “&”, “=” and “%” may be parts of other characters. */
const unusableEncodings = new Set(['utf-16le', 'utf-16be', 'iso-2022-jp']);

/**
 * The fields of an `application/x-www-form-urlencoded` body as JSON text, by the rules of the WHATWG URL Standard, but
 * that bytes which are none of the charset's are refused. Throws `BodyFaultError`.
 */
export function readForm(bytes: Buffer, charset: string | undefined): string {
  if (charset !== undefined && unusableEncodings.has(encodingOf(charset))) {
    const message = 'A form cannot be sent in this charset: send UTF-8.';
    throw new BodyFaultError({ code: 'unsupported_media_type', message });
  }
  const fields = new NamedValues<string>(maxFields);
  const text = bytes.toString('latin1');
  for (let at = 0; at < text.length;) {
    const ampersand = text.indexOf('&', at);
    const end = ampersand === -1 ? text.length : ampersand;
    const field = text.slice(at, end);
    at = end + 1;
    if (field === '') continue;
    const equals = field.indexOf('=');
    const nameEnd = equals === -1 ? field.length : equals;
    fields.add(decodePart(field.slice(0, nameEnd), charset), decodePart(field.slice(nameEnd + 1), charset));
  }
  return fields.toJson();
}

/** `part` holds a byte in each character. */
function decodePart(part: string, charset: string | undefined): string {
  const unescaped = part
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (/^[\0-\x7f]*$/.test(unescaped)) return unescaped;
  return decodeText(Buffer.from(unescaped, 'latin1'), charset);
}
