import type { FileReference } from '@millrace/contracts';
import { BodyFaultError, refuse, tooLarge } from './body-error.js';
import { decodeText } from './charset.js';
import { fileTypeOf, isStreamed, kindOf, parseContentType, type ContentType } from './content-type.js';
import type { FileIntake } from './file-intake.js';
import { namedFile, safeFileName } from './file-name.js';
import { MultipartReader, type PartHeaders } from './multipart-reader.js';
import { NamedValues } from './named-values.js';
import { parseParameters } from './parameters.js';

const maxParts = 1_000;
const maxFieldBytes = 1_000_000;

interface Part {
  name: string;
  /** Of a file alone. */
  fileName: string | undefined;
  /** Of a file, as it was sent. */
  contentType: string;
  /** Of a field. */
  charset: string | undefined;
}

/**
 * The parts of a `multipart/form-data` body (RFC 7578) as JSON text: fields as text, files as references. A part is a
 * file when it has a file name or a type that is no text. Throws `BodyFaultError`; whatever cannot be understood is
 * refused, so that no part is lost.
 */
export async function readMultipart(
  boundary: string | undefined,
  source: AsyncIterable<Buffer>,
  { intake, maxBodyBytes, reserve }: { intake: FileIntake; maxBodyBytes: number; reserve: (bytes: number) => void },
): Promise<string> {
  if (boundary === undefined || boundary === '' || boundary.length > 200) {
    refuse('The content type names no boundary between the parts: send multipart/form-data; boundary=…');
  }
  const values = new NamedValues<string | FileReference>(maxParts);
  const reader = new MultipartReader(source, boundary);
  let remaining = maxBodyBytes;
  let number = 0;
  for (let headers = await reader.nextPart(); headers; headers = await reader.nextPart()) {
    number += 1;
    if (number > maxParts) refuse(`The multipart body has more than ${maxParts} parts`);
    const part = readPart(headers, number);
    remaining -= Buffer.byteLength(part.name);
    if (part.fileName === undefined) {
      const bytes = await collect(reader.content(), { maxBytes: remaining, maxBodyBytes, reserve });
      remaining -= bytes.length;
      values.add(part.name, decodeText(bytes, part.charset));
    } else {
      const file = { name: part.fileName, contentType: part.contentType };
      values.add(part.name, await intake.store(file, reader.content()));
    }
  }
  return values.toJson();
}

const plainText: ContentType = { mediaType: 'text/plain', charset: undefined, boundary: undefined };

function readPart(headers: PartHeaders, number: number): Part {
  const transferEncoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  if (!['7bit', '8bit', 'binary'].includes(transferEncoding)) {
    const message = `Part ${number} has a Content-Transfer-Encoding, which RFC 7578 does away with: send its bytes as they are.`;
    throw new BodyFaultError({ code: 'unsupported_encoding', message });
  }
  const [, parametersText] = /^form-data[ \t]*(;.*)$/is.exec(headers.get('content-disposition') ?? '') ?? [];
  const parameters = parametersText === undefined ? undefined : parseParameters(parametersText);
  const name = parameters?.get('name');
  if (name === undefined) {
    return refuse(`Part ${number} does not say what it is: it needs Content-Disposition: form-data; name="…"`);
  }
  const contentTypeText = headers.get('content-type');
  const contentType = contentTypeText === undefined ? plainText : parseContentType(contentTypeText);
  if (!contentType) return refuse(`Part ${number} has a content type that cannot be read`);
  const fileName = namedFile(parameters);
  const isFile = fileName !== undefined || isStreamed(kindOf(contentType.mediaType));
  return {
    name,
    fileName: isFile ? safeFileName(fileName ?? '') : undefined,
    contentType: fileTypeOf(contentTypeText),
    charset: contentType.charset,
  };
}

async function collect(
  content: AsyncIterable<Buffer>,
  { maxBytes, maxBodyBytes, reserve }: { maxBytes: number; maxBodyBytes: number; reserve: (bytes: number) => void },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxFieldBytes) throw new BodyFaultError(tooLarge('A field of the form', maxFieldBytes));
    if (bytes > maxBytes) throw new BodyFaultError(tooLarge('What is sent as fields', maxBodyBytes));
    reserve(chunk.length);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks, bytes);
}
