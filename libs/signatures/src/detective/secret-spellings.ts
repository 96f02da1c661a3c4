import type { KeyObject } from 'node:crypto';
import { keyOf } from '../keys.js';
import type { KeyForm } from '../scheme.js';

/** Another key that the given secret may stand for. */
export interface SecretSpelling {
  key: KeyObject;
  /** How the secret has to be read, after "with the secret". */
  change: string;
  /** The setting that reads the secret so; `undefined` when the secret itself must be entered in another way. */
  secretEncoding?: 'hex' | 'base64';
}

const prefix = /^(?:whsec_|whsk_|sk_|key_|secret_|Bearer |sha256=)/;

/** The keys that a secret stands for when it is not taken as it is, each once, likely ones first. */
export function secretSpellings(secret: string): SecretSpelling[] {
  const trimmed = secret.trim();
  const bare = trimmed.replace(/^(["'])(.*)\1$/, '$2');
  const stripped = bare.replace(prefix, '');
  const spellings: [text: string, form: KeyForm, change: string][] = [
    [trimmed, 'text', 'trimmed of blanks'],
    [bare, 'text', 'without its quotes'],
    [stripped, 'text', 'without its prefix'],
    [bare, 'base64', 'base64-decoded'],
    [stripped, 'base64', 'without its prefix and base64-decoded'],
    [bare, 'hex', 'hex-decoded'],
    [stripped, 'hex', 'without its prefix and hex-decoded'],
    [`${trimmed}\n`, 'text', 'followed by a line break'],
  ];
  const seen = new Set([Buffer.from(secret).toString('hex')]);
  return spellings.flatMap(([text, form, change]) => {
    const key = keyOf(text, form);
    const bytes = key?.export().toString('hex');
    if (!key || bytes === undefined || seen.has(bytes)) return [];
    seen.add(bytes);
    const settled = text === secret && (form === 'base64' || form === 'hex');
    return [{ key, change, ...(settled && { secretEncoding: form }) }];
  });
}
