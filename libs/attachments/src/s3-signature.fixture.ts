import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What the stand-in refuses a request with. */
export class S3Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string = code,
  ) {
    super(message);
  }
}

export interface S3Key {
  accessKeyId: string;
  secretAccessKey: string;
}

const farthestClockMs = 15 * 60_000;
const authorizationForm =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Checks the `Authorization` header of a request by AWS Signature Version 4, written from its description:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function checkSignature(request: IncomingMessage, key: S3Key, region: string): void {
  const match = authorizationForm.exec(request.headers.authorization ?? '');
  if (!match) throw new S3Refusal(403, 'AccessDenied', 'no usable Authorization header');
  const [, accessKeyId, day, signedRegion, signedNames = '', signature] = match;
  if (accessKeyId !== key.accessKeyId) throw new S3Refusal(403, 'InvalidAccessKeyId');
  if (signedRegion !== region) throw new S3Refusal(400, 'AuthorizationHeaderMalformed', 'another region');

  const date = headerOf(request, 'x-amz-date');
  const [, year, month, dayOfMonth, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const sentAt = Date.parse(`${year}-${month}-${dayOfMonth}T${hour}:${minute}:${second}Z`);
  if (!(Math.abs(Date.now() - sentAt) < farthestClockMs) || !date.startsWith(day ?? '-'))
    throw new S3Refusal(403, 'RequestTimeTooSkewed');

  const names = signedNames.split(';');
  if (names.join() !== [...names].sort().join()) throw new S3Refusal(400, 'AuthorizationHeaderMalformed', 'unsorted');
  const mustBeSigned = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  for (const name of mustBeSigned)
    if (!names.includes(name)) throw new S3Refusal(403, 'AccessDenied', `header ${name} is not signed`);

  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canonicalRequest = [
    request.method,
    path,
    canonicalQuery(query),
    ...names.map((name) => `${name}:${headerOf(request, name).trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedNames,
    headerOf(request, 'x-amz-content-sha256'),
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  const signingKey = [region, 's3', 'aws4_request'].reduce(
    (parent, text) => hmac(parent, text),
    hmac(`AWS4${key.secretAccessKey}`, day ?? ''),
  );
  const expected = hmac(signingKey, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${digest}`).toString('hex');
  if (expected !== signature) throw new S3Refusal(403, 'SignatureDoesNotMatch', canonicalRequest);
}

/** A header that must be there, its values joined. */
export function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  if (value === undefined) throw new S3Refusal(400, 'InvalidRequest', `header ${name} is missing`);
  return Array.isArray(value) ? value.join(',') : value;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return [encode(name), encode(value)] as const;
  });
  pairs.sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  return pairs.map((pair) => pair.join('=')).join('&');
}

function encode(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
