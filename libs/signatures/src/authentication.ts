/** What a verifier sees of a request before its body. */
export interface RequestHead {
  method: string;
  /** The full public URL as it was called, query included: some senders sign it. */
  url: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What a verifier sees of a request: nothing has been parsed or re-serialised. */
export interface RawRequest extends RequestHead {
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
export type Authentication = { outcome: 'authentic' } | RefusedAuthentication | Handshake;

export interface RefusedAuthentication {
  outcome: 'refused';
  reason: RefusalReason;
  challenge?: string;
}

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
  /**
   * Begins to judge a request whose body comes in piece by piece, and keeps nothing of it. `refused` says that no body
   * could make it authentic. Missing where the body is needed whole: for Ed25519, for what stands in the body itself, for
   * the fields of a form; and where it is not needed at all.
   */
  readonly begin?: (head: RequestHead) => PendingAuthentication | RefusedAuthentication;
}

/** A request whose body is coming in. */
export interface PendingAuthentication {
  outcome: 'pending';
  /** Takes in the next bytes of the body, as they came. They may change afterwards. */
  update(bytes: Buffer): void;
  /**
   * What the call of the authenticator with the whole body would have said when the request began: how long the body took
   * does not make a timestamp old. Asked once, after the last byte.
   */
  end(): Authentication;
}

/** Milliseconds since 1970. */
export type Clock = () => number;

export const authentic: Authentication = { outcome: 'authentic' };
