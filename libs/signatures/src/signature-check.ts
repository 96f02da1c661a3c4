import { createHmac, createVerify, verify, type KeyObject } from 'node:crypto';
import { sameBytes } from './constant-time.js';
import { bytesOf } from './request-reading.js';
import type { HmacAlgorithm, Scheme } from './scheme.js';

/** Compares what was signed, as it comes in, with the signatures that were given. */
export interface SignatureCheck {
  /** Takes in the next bytes of what was signed. They may change afterwards, unless the algorithm needs all at once. */
  update(bytes: Buffer): void;
  /** Whether one of the signatures is that of all bytes. Asked once, at the end. */
  fits(): boolean;
}

const hashes: Record<HmacAlgorithm, string> = { 'hmac-sha1': 'sha1', 'hmac-sha256': 'sha256', 'hmac-sha512': 'sha512' };

/** Whether an algorithm takes in what was signed piece by piece and keeps nothing of it. */
export function isIncremental(algorithm: Scheme['algorithm']): boolean {
  return algorithm !== 'plain' && algorithm !== 'ed25519';
}

/**
 * Begins to check signatures, as byte strings. They are compared as text: a second spelling of the same bytes is not
 * accepted, but for hex that is in upper case throughout.
 */
export function signatureCheck(
  { algorithm, encoding }: Pick<Scheme, 'algorithm' | 'encoding'>,
  key: KeyObject,
  given: readonly string[],
): SignatureCheck {
  switch (algorithm) {
    case 'plain':
      return { update: () => undefined, fits: () => given.some((text) => sameBytes(key.export(), bytesOf(text))) };
    case 'ed25519':
      return ed25519Check(key, decodedStrictly(given, encoding));
    case 'ecdsa-p256-sha256':
      return ecdsaCheck(key, decodedStrictly(given, encoding));
    default:
      return hmacCheck(createHmac(hashes[algorithm], key), encoding, given);
  }
}

function hmacCheck(
  mac: ReturnType<typeof createHmac>,
  encoding: Scheme['encoding'],
  given: readonly string[],
): SignatureCheck {
  return {
    update: (bytes) => void mac.update(bytes),
    fits() {
      const expected = bytesOf(encode(mac.digest(), encoding));
      const spelling = encoding === 'hex' ? lowerHex : (text: string) => text;
      return given.some((text) => sameBytes(expected, bytesOf(spelling(text))));
    },
  };
}

/** Ed25519 reads what was signed twice, so all of it is kept. */
function ed25519Check(key: KeyObject, signatures: readonly Buffer[]): SignatureCheck {
  const pieces: Buffer[] = [];
  return {
    update: (bytes) => void pieces.push(bytes),
    fits() {
      const signed = Buffer.concat(pieces);
      return signatures.some((signature) => verify(null, signed, key, signature));
    },
  };
}

/** A verifier of Node compares one signature. */
function ecdsaCheck(key: KeyObject, signatures: readonly Buffer[]): SignatureCheck {
  const verifiers = signatures.map((signature) => ({ signature, verifier: createVerify('sha256') }));
  return {
    update: (bytes) => verifiers.forEach(({ verifier }) => verifier.update(bytes)),
    fits: () => verifiers.some(({ verifier, signature }) => verifier.verify(key, signature)),
  };
}

export function hmac(algorithm: HmacAlgorithm, key: KeyObject, content: readonly Buffer[]): Buffer {
  const mac = createHmac(hashes[algorithm], key);
  for (const piece of content) mac.update(piece);
  return mac.digest();
}

function encode(bytes: Buffer, encoding: Scheme['encoding']): string {
  return bytes.toString(encoding === 'hex' ? 'hex' : 'base64');
}

function decodedStrictly(texts: readonly string[], encoding: Scheme['encoding']): Buffer[] {
  return texts
    .map((text) => ({ text, bytes: Buffer.from(text, encoding === 'hex' ? 'hex' : 'base64') }))
    .filter(({ text, bytes }) => encode(bytes, encoding) === text)
    .map(({ bytes }) => bytes);
}

function lowerHex(text: string): string {
  return /^[0-9A-F]+$/.test(text) ? text.toLowerCase() : text;
}
