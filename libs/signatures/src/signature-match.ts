import { createHmac, verify, type KeyObject } from 'node:crypto';
import { sameBytes } from './constant-time.js';
import { bytesOf } from './request-reading.js';
import type { HmacAlgorithm, Scheme } from './scheme.js';

/** What is signed, in pieces: a large body is hashed where it lies. */
export type SignedContent = readonly Buffer[];

const hashes: Record<HmacAlgorithm, string> = { 'hmac-sha1': 'sha1', 'hmac-sha256': 'sha256', 'hmac-sha512': 'sha512' };

/**
 * Whether one of the given signatures, as byte strings, is that of the content. Signatures are compared as text: a
 * second spelling of the same bytes is not accepted, but for hex that is in upper case throughout.
 */
export function signatureMatches(
  scheme: Pick<Scheme, 'algorithm' | 'encoding'>,
  key: KeyObject,
  content: SignedContent,
  given: readonly string[],
): boolean {
  switch (scheme.algorithm) {
    case 'plain':
      return given.some((text) => sameBytes(key.export(), bytesOf(text)));
    case 'ed25519':
    case 'ecdsa-p256-sha256': {
      const digest = scheme.algorithm === 'ed25519' ? null : 'sha256';
      const signed = Buffer.concat(content);
      return given.some((text) => {
        const signature = decodeStrictly(text, scheme.encoding);
        return signature !== undefined && verify(digest, signed, key, signature);
      });
    }
    default: {
      const expected = bytesOf(encode(hmac(scheme.algorithm, key, content), scheme.encoding));
      const spelling = scheme.encoding === 'hex' ? lowerHex : (text: string) => text;
      return given.some((text) => sameBytes(expected, bytesOf(spelling(text))));
    }
  }
}

export function hmac(algorithm: HmacAlgorithm, key: KeyObject, content: SignedContent): Buffer {
  const mac = createHmac(hashes[algorithm], key);
  for (const piece of content) mac.update(piece);
  return mac.digest();
}

function encode(bytes: Buffer, encoding: Scheme['encoding']): string {
  return bytes.toString(encoding === 'hex' ? 'hex' : 'base64');
}

function decodeStrictly(text: string, encoding: Scheme['encoding']): Buffer | undefined {
  const bytes = Buffer.from(text, encoding === 'hex' ? 'hex' : 'base64');
  return encode(bytes, encoding) === text ? bytes : undefined;
}

function lowerHex(text: string): string {
  return /^[0-9A-F]+$/.test(text) ? text.toLowerCase() : text;
}
