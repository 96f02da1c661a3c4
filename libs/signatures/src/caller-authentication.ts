import type { WebhookCredential } from './credential.js';
import { schemeOf } from './hmac-settings.js';
import { keyOf } from './keys.js';
import { presets } from './presets.js';
import type { KeyForm, Place, Scheme } from './scheme.js';

/** What callers of a webhook have to do under its credential, without anything secret. */
export type CallerAuthentication =
  | { type: 'none' }
  | { type: 'basic' }
  | { type: 'apiKey'; headerName: string }
  /** Without a scheme when a call cannot be signed with the secret alone. */
  | { type: 'hmac'; scheme: SigningScheme | null };

export interface SigningScheme {
  /** `plain`: the header has the secret itself. */
  algorithm: 'sha1' | 'sha256' | 'sha512' | 'plain';
  encoding: 'hex' | 'base64';
  key: SharedKeyForm;
  signature: SchemeHeader;
  timestamp: (SchemeHeader & { unit: 'seconds' | 'milliseconds' }) | null;
  id: SchemeHeader | null;
  /** A template of what is signed: `{timestamp}.{body}`. */
  signedContent: string;
}

type SharedKeyForm = Extract<KeyForm, 'text' | 'hex' | 'base64' | 'whsec'>;

/** A header, what stands in it before the value, and how entries are separated where it is a list. */
export interface SchemeHeader {
  header: string;
  prefix: string;
  separator: string | null;
}

const sharedKeyForms: readonly KeyForm[] = ['text', 'hex', 'base64', 'whsec'] satisfies SharedKeyForm[];

/** Describes how a caller proves that it has the credential. */
export function callerAuthentication(credential: WebhookCredential): CallerAuthentication {
  switch (credential.type) {
    case 'none':
    case 'basic':
      return { type: credential.type };
    case 'apiKey':
      return { type: 'apiKey', headerName: credential.headerName };
    case 'hmac': {
      const { preset, secret } = credential;
      const schemes: readonly Scheme[] = preset ? presets[preset].schemes : [schemeOf(credential)];
      const scheme = schemes.find(({ key }) => sharedKeyForms.includes(key) && keyOf(secret, key) !== undefined);
      return { type: 'hmac', scheme: (scheme && described(scheme)) ?? null };
    }
  }
}

function described(scheme: Scheme): SigningScheme | undefined {
  const { algorithm, encoding, key, timestamp, id, signedContent } = scheme;
  const signature = headerOf(scheme.signature);
  const timestampHeader = timestamp && headerOf(timestamp.at);
  const idHeader = id && headerOf(id);
  const inBody = !signature || (timestamp && !timestampHeader) || (id && !idHeader);
  if (inBody || signedContent.includes('{form}')) return undefined;
  if (algorithm === 'ed25519' || algorithm === 'ecdsa-p256-sha256') return undefined;
  return {
    algorithm: algorithm.replace('hmac-', '') as SigningScheme['algorithm'],
    encoding: encoding === 'base64' ? 'base64' : 'hex',
    key: key as SharedKeyForm,
    signature,
    timestamp: timestampHeader
      ? { ...timestampHeader, unit: timestamp.unit === 'milliseconds' ? 'milliseconds' : 'seconds' }
      : null,
    id: idHeader ?? null,
    signedContent,
  };
}

function headerOf(place: Place): SchemeHeader | undefined {
  if ('json' in place) return undefined;
  return { header: place.header, prefix: place.prefix ?? '', separator: place.separator ?? null };
}
