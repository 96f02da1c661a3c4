/**
 * Where in a request a value stands: in a header, or at a dotted path of its JSON body. `prefix` goes before the value;
 * with `separator` the header is a list, and each entry with the prefix counts.
 */
export type Place = HeaderPlace | { json: string };

export interface HeaderPlace {
  /** In lower case. */
  header: string;
  prefix?: string;
  separator?: ',' | ';' | ' ';
}

export type HmacAlgorithm = 'hmac-sha1' | 'hmac-sha256' | 'hmac-sha512';

/** `plain`: the request carries the secret itself. */
export type Algorithm = HmacAlgorithm | 'ed25519' | 'ecdsa-p256-sha256' | 'plain';

/**
 * How the text of a secret becomes a key. `whsec` is base64 with or without that prefix, `whpk` an Ed25519 key as
 * base64 with that prefix, `ed25519` one as hex, `p256` one as base64 DER; public keys may also be PEM.
 */
export type KeyForm = 'text' | 'hex' | 'base64' | 'whsec' | 'whpk' | 'ed25519' | 'p256';

/** Spellings of the called URL that a sender may have signed. */
export type UrlForm = 'as-called' | 'other-port' | 'reserved-decoded';

export interface TimestampRule {
  at: Place;
  unit: 'seconds' | 'milliseconds' | 'either';
  /** How far it may be from now, before or after. */
  toleranceSeconds: number;
}

/** One way to sign a request, as data. */
export interface Scheme {
  algorithm: Algorithm;
  encoding: 'hex' | 'base64' | 'text';
  key: KeyForm;
  signature: Place;
  timestamp?: TimestampRule;
  id?: Place;
  /** A template, see `template.ts`. */
  signedContent: string;
  /** Tried in this order; `as-called` alone when left out. */
  urlForms?: readonly UrlForm[];
  /** A body that is no form is signed through its SHA-256 as hex in this query parameter. */
  bodyHashQuery?: string;
}

/** A value of a handshake's answer: fixed, copied from the body, or the HMAC-SHA256 of a value of the body as hex. */
export type AnswerValue = number | { copy: string } | { hmac: string };

/** The answer to a body that has `equals` at the path `field`, and nothing at the path `absent`. */
export interface HandshakeRule {
  field: string;
  equals: string | number;
  absent?: string;
  status: number;
  /** The members of the JSON answer; no body without it. */
  answer?: Readonly<Record<string, AnswerValue>>;
}

/** What Millrace knows of one sender. A request is authentic by any of its schemes. */
export interface Preset {
  title: string;
  /** The sender's own page about it. */
  docs: string;
  /** What to paste as secret, and where to find it. */
  secret: string;
  /** Headers by which requests of this sender are told from others of like signature. */
  marks: readonly string[];
  /** Whether the signature covers the body. If not, it only proves that the sender knows the secret. */
  coversBody: boolean;
  /** What tells repeated deliveries of one event. */
  deliveryId?: Place;
  schemes: readonly Scheme[];
  handshakes?: readonly HandshakeRule[];
}
