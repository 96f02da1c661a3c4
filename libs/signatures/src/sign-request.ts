import type { WebhookCredential } from './credential.js';
import { schemeOf } from './hmac-settings.js';
import { keyOf } from './keys.js';
import { presets } from './presets.js';
import type { HeaderPlace, HmacAlgorithm, Place, Scheme } from './scheme.js';
import { hmac } from './signature-check.js';
import { parseTemplate, type TemplatePart } from './template.js';

/** A call that is about to be made. */
export interface CallToSign {
  method: string;
  /** As it is called. */
  url: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** Stands for the message: the same for every attempt to deliver it. */
  id: string;
  /** When this attempt is made. */
  timestampMs: number;
}

export type SignedCall = { ok: true; headers: Record<string, string> } | { ok: false; fault: string };

/**
 * The headers with which a caller proves that it has a credential, so that whoever checks calls by the same credential takes it.
 * `fault` says why that cannot be done with it: the secret of a sender who signs with a private key is not known, for example.
 */
export function signCall(credential: WebhookCredential, call: CallToSign): SignedCall {
  switch (credential.type) {
    case 'none':
      return { ok: true, headers: {} };
    case 'basic': {
      const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
      return { ok: true, headers: { authorization: `Basic ${pair}` } };
    }
    case 'apiKey':
      return { ok: true, headers: { [credential.headerName.toLowerCase()]: asHeader(credential.value) } };
    case 'hmac': {
      const { preset, secret } = credential;
      const schemes: readonly Scheme[] = preset ? presets[preset].schemes : [schemeOf(credential)];
      const scheme = schemes.find((known) => isSecret(known) && keyOf(secret, known.key) !== undefined);
      if (!scheme) return { ok: false, fault: `calls cannot be signed with it: it checks signatures of a private key` };
      return sign(scheme, secret, call);
    }
  }
}

/** Whether one secret is enough to sign and to check. */
function isSecret({ algorithm }: Scheme): boolean {
  return algorithm !== 'ed25519' && algorithm !== 'ecdsa-p256-sha256';
}

function sign(scheme: Scheme, secret: string, call: CallToSign): SignedCall {
  const { signature, timestamp, id, algorithm } = scheme;
  const key = keyOf(secret, scheme.key);
  const places: [Place | undefined, string][] = [
    [id, call.id],
    [timestamp?.at, timestamp?.unit === 'milliseconds' ? String(call.timestampMs) : seconds(call.timestampMs)],
  ];
  const given = places.flatMap(([place, value]) => (place ? [{ place, value }] : []));
  if ('json' in signature || given.some(({ place }) => 'json' in place)) {
    return {
      ok: false,
      fault: 'calls cannot be signed with it: its sender puts the signature or its time into the body',
    };
  }
  if (!key) return { ok: false, fault: 'its secret has not the form that it says' };
  const headers: Record<string, string> = {};
  for (const { place, value } of given) put(headers, place, value);
  if (algorithm === 'plain') {
    put(headers, signature, asHeader(secret));
    return { ok: true, headers };
  }
  const template = parseTemplate(scheme.signedContent);
  if ('fault' in template) return { ok: false, fault: template.fault };
  const content: Buffer[] = [];
  for (const part of template.parts) {
    const piece = contentOf(part, { call, scheme, headers });
    if (piece === undefined)
      return { ok: false, fault: 'calls cannot be signed with it: it signs the fields of a form' };
    content.push(piece);
  }
  put(headers, signature, macOf(algorithm as HmacAlgorithm, { key, content, encoding: scheme.encoding }));
  return { ok: true, headers };
}

function contentOf(
  part: TemplatePart,
  { call, scheme, headers }: { call: CallToSign; scheme: Scheme; headers: Record<string, string> },
): Buffer | undefined {
  if ('literal' in part) return Buffer.from(part.literal);
  if ('header' in part) return Buffer.from(headers[part.header] ?? call.headers[part.header] ?? '', 'latin1');
  switch (part.value) {
    case 'body':
      return call.body;
    case 'id':
      return Buffer.from(call.id);
    case 'timestamp':
      return Buffer.from(
        scheme.timestamp?.unit === 'milliseconds' ? String(call.timestampMs) : seconds(call.timestampMs),
      );
    case 'method':
      return Buffer.from(call.method);
    case 'url':
      return Buffer.from(call.url);
    case 'form':
      return undefined;
  }
}

function macOf(
  algorithm: HmacAlgorithm,
  { key, content, encoding }: { key: Parameters<typeof hmac>[1]; content: Buffer[]; encoding: Scheme['encoding'] },
): string {
  return hmac(algorithm, key, content).toString(encoding === 'hex' ? 'hex' : 'base64');
}

/** Sets a header, or adds an entry to one that is a list. */
function put(headers: Record<string, string>, place: Place, value: string): void {
  if ('json' in place) return;
  const { header, prefix = '', separator }: HeaderPlace = place;
  const before = separator === undefined ? undefined : headers[header];
  headers[header] = before === undefined ? prefix + value : `${before}${separator}${prefix}${value}`;
}

function seconds(timestampMs: number): string {
  return String(Math.floor(timestampMs / 1_000));
}

/** Headers are byte strings: text goes as UTF-8. */
function asHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
