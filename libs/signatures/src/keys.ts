import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { KeyForm } from './scheme.js';

/** Makes the key that the text of a secret stands for; `undefined` when the text has not this form. */
export function keyOf(text: string, form: KeyForm): KeyObject | undefined {
  switch (form) {
    case 'text':
      return secretKey(Buffer.from(text, 'utf8'));
    case 'hex':
      return secretKey(decodeHex(text));
    case 'base64':
      return secretKey(decodeBase64(text));
    case 'whsec':
      return secretKey(decodeBase64(text.startsWith('whsec_') ? text.slice('whsec_'.length) : text));
    case 'whpk':
      return text.startsWith('whpk_') ? ed25519Key(decodeBase64(text.slice('whpk_'.length))) : undefined;
    case 'ed25519':
      return publicKeyOf(text, 'ed25519') ?? ed25519Key(decodeHex(text.trim()));
    case 'p256':
      return publicKeyOf(text, 'ec');
  }
}

/** Base64 with or without padding, and nothing else than base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  const canonical = bytes.toString('base64');
  return text === canonical || text === canonical.replace(/=+$/, '') ? bytes : undefined;
}

export function decodeHex(text: string): Buffer | undefined {
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

function secretKey(bytes: Buffer | undefined): KeyObject | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : createSecretKey(bytes);
}

function ed25519Key(bytes: Buffer | undefined): KeyObject | undefined {
  if (bytes?.length !== 32) return undefined;
  return importKey(() =>
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' }),
  );
}

/** A public key as PEM or as base64 of its DER (SubjectPublicKeyInfo). A private key is not taken for its public half. */
function publicKeyOf(text: string, type: 'ed25519' | 'ec'): KeyObject | undefined {
  const trimmed = text.trim();
  const isPem = trimmed.startsWith('-----BEGIN PUBLIC KEY-----');
  const der = isPem ? undefined : decodeBase64(trimmed.replace(/\s+/g, ''));
  if (!isPem && der === undefined) return undefined;
  const key = importKey(() => createPublicKey(der ? { key: der, format: 'der', type: 'spki' } : trimmed));
  if (key?.asymmetricKeyType !== type) return undefined;
  return type === 'ec' && key.asymmetricKeyDetails?.namedCurve !== 'prime256v1' ? undefined : key;
}

function importKey(create: () => KeyObject): KeyObject | undefined {
  try {
    return create();
  } catch {
    return undefined;
  }
}
