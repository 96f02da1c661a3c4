import { byteOrderMark, decodeText } from './charset.js';
import { refuse } from './body-error.js';
import { maxDepth, placeBeyondDepth } from './json-depth.js';
import { readXmlDocument } from './xml-reader.js';

/**
 * An XML document as JSON text. Without a charset in the content type its byte order mark or its declaration names one.
 * Throws `BodyFaultError` when it is not XML as `readXmlDocument` takes it.
 */
export function readXml(bytes: Buffer, charset: string | undefined): string {
  const document = readXmlDocument(decodeText(bytes, charset ?? charsetOfXml(bytes)));
  const json = JSON.stringify(document);
  // Elements that repeat take a level for the array, too.
  if (placeBeyondDepth(json, maxDepth) !== undefined) {
    refuse(`The XML is nested more than ${maxDepth} levels deep, where arrays of repeated elements count`);
  }
  return json;
}

const declaredEncoding = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/;

/** RFC 7303 §3, XML 1.0 appendix F. */
function charsetOfXml(bytes: Buffer): string | undefined {
  const marked = byteOrderMark(bytes);
  if (marked) return marked;
  const start = bytes.toString('latin1', 0, 200);
  if (start.startsWith('<\0?\0')) return 'utf-16le';
  if (start.startsWith('\0<\0?')) return 'utf-16be';
  const declared = declaredEncoding.exec(start)?.[1]?.toLowerCase();
  // Some frameworks declare the UTF-16 of the string they had in memory, and then send UTF-8.
  return declared?.startsWith('utf-16') ? undefined : declared;
}
