import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { headerOf, S3Refusal } from './s3-signature.fixture.js';

const digests: Record<string, (bytes: Buffer) => Buffer> = {
  crc32(bytes) {
    const digest = Buffer.alloc(4);
    digest.writeUInt32BE(crc32(bytes));
    return digest;
  },
  sha1: (bytes) => createHash('sha1').update(bytes).digest(),
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
};

/** A body that was checked, with the checksums that came with it, by the names of their headers. */
export interface CheckedBody {
  bytes: Buffer;
  checksums: Record<string, string>;
}

/** Reads a body and checks every length and checksum that the request gives of it, whether in headers or trailers. */
export async function readCheckedBody(request: IncomingMessage): Promise<CheckedBody> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const sent = Buffer.concat(pieces);
  const mode = headerOf(request, 'x-amz-content-sha256');
  let bytes: Buffer = sent;
  let claimed: Record<string, string> = {};
  if (mode === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    if (request.headers['content-encoding'] !== 'aws-chunked') throw new S3Refusal(400, 'InvalidRequest', 'encoding');
    ({ bytes, trailers: claimed } = decodeAwsChunked(sent));
    if (bytes.length !== Number(headerOf(request, 'x-amz-decoded-content-length')))
      throw new S3Refusal(400, 'IncompleteBody', 'decoded length');
    if (Object.keys(claimed).join() !== headerOf(request, 'x-amz-trailer'))
      throw new S3Refusal(400, 'MalformedTrailer');
  } else if (mode !== 'UNSIGNED-PAYLOAD') {
    if (createHash('sha256').update(sent).digest('hex') !== mode) throw new S3Refusal(400, 'XAmzContentSHA256Mismatch');
  }
  const contentLength = request.headers['content-length'];
  if (contentLength !== undefined && Number(contentLength) !== sent.length) throw new S3Refusal(400, 'IncompleteBody');
  for (const [name, value] of Object.entries(request.headers))
    if (/^x-amz-checksum-(?!algorithm|mode|type)/.test(name)) claimed[name] = String(value);
  for (const [name, value] of Object.entries(claimed)) checkDigest(bytes, name, value);
  return { bytes, checksums: claimed };
}

function checkDigest(bytes: Buffer, header: string, value: string): void {
  const digest = digests[header.replace('x-amz-checksum-', '')];
  if (!digest) throw new S3Refusal(501, 'NotImplemented', `${header} is not known here`);
  if (digest(bytes).toString('base64') !== value) throw new S3Refusal(400, 'BadDigest', header);
}

/** `hex-size CRLF bytes CRLF`, ended by a size of 0, then trailers and an empty line. */
function decodeAwsChunked(sent: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  const pieces: Buffer[] = [];
  let at = 0;
  const line = (): string => {
    const end = sent.indexOf('\r\n', at);
    if (end < 0) throw new S3Refusal(400, 'IncompleteBody', 'a line of aws-chunked does not end');
    const text = sent.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const size = line();
    if (!/^[0-9a-f]{1,8}$/i.test(size)) throw new S3Refusal(400, 'InvalidRequest', 'size of an aws-chunk');
    const length = parseInt(size, 16);
    if (length === 0) break;
    pieces.push(sent.subarray(at, at + length));
    at += length;
    if (line() !== '') throw new S3Refusal(400, 'InvalidRequest', 'an aws-chunk is longer than its size');
  }
  const trailers: Record<string, string> = {};
  for (let text = line(); text !== ''; text = line()) {
    const [name = '', value = ''] = text.split(/:\s*/, 2);
    trailers[name.toLowerCase()] = value;
  }
  if (at !== sent.length) throw new S3Refusal(400, 'InvalidRequest', 'bytes after the trailers');
  return { bytes: Buffer.concat(pieces), trailers };
}
