/** What a verifier sees of a request: nothing has been parsed or re-serialised. */
export interface RawRequest {
  method: string;
  /** The full public URL as it was called, query included: some senders sign it. */
  url: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** Why a request was refused: for the record of who runs the flow, never for the caller. */
export type RefusalReason =
  | 'missing_credentials'
  | 'wrong_credentials'
  | 'missing_signature'
  | 'malformed_signature'
  | 'ambiguous_signature'
  | 'wrong_signature'
  | 'missing_timestamp'
  | 'malformed_timestamp'
  | 'timestamp_too_old'
  | 'timestamp_in_future'
  | 'missing_signed_part'
  | 'body_not_signed'
  | 'no_credential';

/**
 * `challenge` is the value of `WWW-Authenticate`, where the scheme has one (RFC 9110 §11.6.1). A `handshake` is a
 * sender's authentic question whether this URL is alive: it gets this answer at once, and nothing runs.
 */
export type Authentication =
  | { outcome: 'authentic' }
  | { outcome: 'refused'; reason: RefusalReason; challenge?: string }
  | Handshake;

export interface Handshake {
  outcome: 'handshake';
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Authenticator {
  (request: RawRequest): Authentication;
  /** Whether the body takes part. Where it does not, a request can be judged before its body is read. */
  readonly needsBody: boolean;
}

/** Milliseconds since 1970. */
export type Clock = () => number;

export const authentic: Authentication = { outcome: 'authentic' };
