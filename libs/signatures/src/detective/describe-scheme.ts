import type { Algorithm, Place, Scheme } from '../scheme.js';

const algorithmNames: Record<Algorithm, string> = {
  'hmac-sha1': 'HMAC-SHA1',
  'hmac-sha256': 'HMAC-SHA256',
  'hmac-sha512': 'HMAC-SHA512',
  ed25519: 'Ed25519 signature',
  'ecdsa-p256-sha256': 'ECDSA P-256 signature',
  plain: 'the secret itself',
};

/** A scheme in words, such as "base64 HMAC-SHA256 of the raw body in X-Shopify-Hmac-Sha256". */
export function describeScheme(scheme: Scheme): string {
  const place = describePlace(scheme.signature);
  if (scheme.algorithm === 'plain') return `the secret itself in ${place}`;
  const content = scheme.signedContent === '{body}' ? 'the raw body' : `"${scheme.signedContent}"`;
  return `${scheme.encoding} ${algorithmNames[scheme.algorithm]} of ${content} in ${place}`;
}

export function describePlace(place: Place): string {
  return 'json' in place ? `${place.json} of the JSON body` : headerTitle(place.header);
}

/** A header's name as people write it. */
export function headerTitle(name: string): string {
  return name.replace(/(?<![a-z0-9])[a-z]/g, (letter) => letter.toUpperCase());
}

/** How long ago or ahead a time is, roughly. */
export function describeAge(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
