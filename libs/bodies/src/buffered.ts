import { BodyFaultError, tooLarge } from './body-error.js';
import { byteOrderMark, decodeText } from './charset.js';
import { parseContentType, type BufferedKind } from './content-type.js';
import { readCsv } from './csv.js';
import { readForm } from './form.js';
import { readJson } from './json.js';
import type { BodyLimits, ReadBody } from './read-body.js';
import { readXml } from './xml.js';

const emptyObject = Buffer.from('{}');

/**
 * Turns a body that is in memory, with its `Content-Encoding` undone, into the output of the trigger: JSON stays as it
 * is, byte for byte; a form, a table and an XML document become what they mean, and text becomes `{ "text": … }`. An
 * empty form is `{}`, an empty table `[]`, an empty text `""`; empty JSON and XML are faults. Pure.
 */
export function readBuffered(
  kind: BufferedKind | 'none',
  contentType: string | undefined,
  bytes: Buffer,
  limits: Pick<BodyLimits, 'maxBodyBytes'>,
): ReadBody {
  const { maxBodyBytes } = limits;
  if (bytes.length > maxBodyBytes) return { ok: false, fault: tooLarge('The body', maxBodyBytes) };
  const charset = contentType === undefined ? undefined : parseContentType(contentType)?.charset;
  try {
    const json = jsonOf(kind, { bytes, charset, maxBodyBytes });
    if (json.length > maxBodyBytes) return { ok: false, fault: tooLarge('The body as JSON', maxBodyBytes) };
    return { ok: true, json };
  } catch (error) {
    if (error instanceof BodyFaultError) return { ok: false, fault: error.fault };
    throw error;
  }
}

interface EncodedText {
  bytes: Buffer;
  charset: string | undefined;
  maxBodyBytes: number;
}

function jsonOf(kind: BufferedKind | 'none', { bytes, charset, maxBodyBytes }: EncodedText): Buffer {
  switch (kind) {
    case 'none':
      return emptyObject;
    case 'json':
      return readJson(bytes, charset);
    case 'xml':
      return Buffer.from(readXml(bytes, charset));
    case 'form':
      return Buffer.from(readForm(bytes, charset));
    case 'csv':
      return readCsv(bytes, charset, maxBodyBytes);
    case 'text':
      return Buffer.from(JSON.stringify({ text: decodeText(bytes, charset ?? byteOrderMark(bytes)) }));
  }
}
