import { createHmac, hkdfSync } from 'node:crypto';

/** Every key here is an AES-256 key. */
export const keyBytes = 32;

/**
 * Reads a key from an environment variable: 32 bytes as base64 or base64url.
 * Throws an error that says what is wrong without showing any of the text.
 */
export function parseKey(base64: string): Buffer {
  const text = base64.trim();
  const remedy = 'make one with: openssl rand -base64 32';
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) throw new Error(`The key is not base64; ${remedy}`);
  const key = Buffer.from(text, 'base64');
  if (key.length !== keyBytes) {
    throw new Error(`The key has ${key.length} bytes and must have ${keyBytes}; ${remedy}`);
  }
  return key;
}

/**
 * The key of one component (HKDF-SHA256 of the master key, RFC 5869, with the component's name as `info`). Whoever has
 * it can neither find the master key nor the key of another component.
 */
export function deriveComponentKey(masterKey: Buffer, component: string): Buffer {
  requireKey(masterKey, 'master key');
  if (component === '') throw new Error('A component key needs the name of its component');
  return Buffer.from(hkdfSync('sha256', masterKey, '', `millrace/credentials/v1/${component}`, keyBytes));
}

/** The key that signs the URLs of files; derived like the key of a component, and of no use to one. */
export function deriveAttachmentUrlKey(masterKey: Buffer): Buffer {
  requireKey(masterKey, 'master key');
  return Buffer.from(hkdfSync('sha256', masterKey, '', 'millrace/attachment-urls/v1', keyBytes));
}

/** The key that signs the URLs which resume waiting steps; derived in the same way. */
export function deriveResumeUrlKey(masterKey: Buffer): Buffer {
  requireKey(masterKey, 'master key');
  return Buffer.from(hkdfSync('sha256', masterKey, '', 'millrace/resume-urls/v1', keyBytes));
}

/** The token that the first set-up of an installation asks for; derived in the same way, as text that people can paste. */
export function deriveSetupToken(masterKey: Buffer): string {
  requireKey(masterKey, 'master key');
  return `mru_${Buffer.from(hkdfSync('sha256', masterKey, '', 'millrace/setup-token/v1', keyBytes)).toString('base64url')}`;
}

const ids = new WeakMap<Buffer, string>();

/** A short public name of a key; it goes into the ciphertext, so that rotation knows which key opens it. */
export function keyId(key: Buffer): string {
  const known = ids.get(key);
  if (known !== undefined) return known;
  const id = createHmac('sha256', key).update('millrace key id').digest().subarray(0, 6).toString('base64url');
  ids.set(key, id);
  return id;
}

/** Throws unless `key` has the length of an AES-256 key. */
export function requireKey(key: Buffer, what: string): void {
  if (key.length !== keyBytes) throw new Error(`The ${what} has ${key.length} bytes and must have ${keyBytes}`);
}
