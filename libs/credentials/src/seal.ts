import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { CredentialId, JsonObject, WorkspaceId } from '@millrace/contracts';
import { keyId, requireKey } from './keys.js';

// A sealed credential is `mr1.<keyId>.<iv>.<ciphertext and tag>`, each part base64url. Workspace, credential and component
// are bound as additional data: a ciphertext that is moved to another row, workspace or component does not open.
const format = 'mr1';
const cipher = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Which credential of whom for which component; bound to the ciphertext. */
export interface CredentialAddress {
  workspaceId: WorkspaceId;
  credentialId: CredentialId;
  component: string;
}

/** A sealed credential could not be opened. The message never holds key, plaintext or ciphertext. */
export class CredentialUnreadableError extends Error {
  override readonly name = 'CredentialUnreadableError';

  constructor(
    readonly reason: 'malformed' | 'unknown_key' | 'not_authentic',
    message: string,
  ) {
    super(message);
  }
}

/** Seals the fields of a credential with a fresh random IV; sealing twice gives two different texts. */
export function sealCredential(options: CredentialAddress & { key: Buffer; fields: JsonObject }): string {
  const { key, fields } = options;
  requireKey(key, 'credential key');
  const id = keyId(key);
  const iv = randomBytes(ivBytes);
  const encryption = createCipheriv(cipher, key, iv, { authTagLength: tagBytes });
  encryption.setAAD(additionalData(options, id));
  const sealed = Buffer.concat([
    encryption.update(JSON.stringify(fields), 'utf8'),
    encryption.final(),
    encryption.getAuthTag(),
  ]);
  return [format, id, iv.toString('base64url'), sealed.toString('base64url')].join('.');
}

/**
 * Opens a sealed credential. `keys` is one key, or several while keys are being rotated; the one that the ciphertext
 * names is used. Throws `CredentialUnreadableError` when none fits or anything was changed.
 */
export function openCredential(
  options: CredentialAddress & { keys: Buffer | readonly Buffer[]; sealed: string },
): JsonObject {
  const parts = split(options.sealed);
  const keys = Buffer.isBuffer(options.keys) ? [options.keys] : options.keys;
  const key = keys.find((candidate) => keyId(candidate) === parts.id);
  if (!key) {
    throw new CredentialUnreadableError(
      'unknown_key',
      `Credential ${options.credentialId} was sealed with a key (${parts.id}) that this service does not have; ` +
        `check the credential key of component ${options.component}`,
    );
  }
  requireKey(key, 'credential key');
  const decryption = createDecipheriv(cipher, key, parts.iv, { authTagLength: tagBytes });
  decryption.setAAD(additionalData(options, parts.id));
  decryption.setAuthTag(parts.tag);
  let plain: string;
  try {
    plain = Buffer.concat([decryption.update(parts.ciphertext), decryption.final()]).toString('utf8');
  } catch {
    throw new CredentialUnreadableError(
      'not_authentic',
      `Credential ${options.credentialId} does not open: it was changed, or it belongs to another workspace or component`,
    );
  }
  return JSON.parse(plain) as JsonObject;
}

/** True when the credential was sealed with another key than `currentKey`. Throws when it is malformed. */
export function needsReseal(sealed: string, currentKey: Buffer): boolean {
  return split(sealed).id !== keyId(currentKey);
}

/** Opens with one of `keys` and seals again with `currentKey`. Throws as `openCredential` does. */
export function reseal(
  options: CredentialAddress & { keys: Buffer | readonly Buffer[]; currentKey: Buffer; sealed: string },
): string {
  return sealCredential({ ...options, key: options.currentKey, fields: openCredential(options) });
}

function additionalData(address: CredentialAddress, id: string): Buffer {
  return Buffer.from(JSON.stringify([format, id, address.workspaceId, address.credentialId, address.component]));
}

function split(sealed: string): { id: string; iv: Buffer; ciphertext: Buffer; tag: Buffer } {
  const [version, id, iv, body, ...rest] = sealed.split('.');
  if (version !== format || !id || !iv || !body || rest.length > 0) throw malformed();
  const ivBuffer = strictBase64url(iv);
  const bodyBuffer = strictBase64url(body);
  if (ivBuffer.length !== ivBytes || bodyBuffer.length < tagBytes) throw malformed();
  const end = bodyBuffer.length - tagBytes;
  return { id, iv: ivBuffer, ciphertext: bodyBuffer.subarray(0, end), tag: bodyBuffer.subarray(end) };
}

/** Node skips what is not base64url and ignores spare bits; here one value has exactly one text. */
function strictBase64url(text: string): Buffer {
  const value = Buffer.from(text, 'base64url');
  if (value.toString('base64url') !== text) throw malformed();
  return value;
}

function malformed(): CredentialUnreadableError {
  return new CredentialUnreadableError(
    'malformed',
    `The sealed credential is not of the form ${format}.key.iv.ciphertext`,
  );
}
