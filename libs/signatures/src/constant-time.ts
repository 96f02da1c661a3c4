import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares given secrets with an expected one in a time that depends on neither: both go through SHA-256 first, so
 * that digests of equal length are compared.
 */
export function secretComparer(expected: Buffer): (given: Buffer) => boolean {
  const digest = sha256(expected);
  return (given) => timingSafeEqual(digest, sha256(given));
}

/** Whether two byte strings are the same, in a time that tells nothing of where they differ. */
export function sameBytes(one: Buffer, other: Buffer): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(value: Buffer): Buffer {
  return createHash('sha256').update(value).digest();
}
