/** What is in the way of a signature, or unlike what its sender documents. */
export type Problem =
  | 'timestamp_too_old'
  | 'timestamp_in_future'
  | 'body_reserialised'
  | 'body_line_ends'
  | 'secret_spelling'
  | 'other_header'
  | 'other_encoding';

/**
 * One thing that the detective found. `fits`: a credential with `fields` and the secret lets this very request in.
 * `nearMiss`: the signature is that of this secret, but `problem` is in the way. `noFit`: the request carries such a
 * signature, but neither the secret nor any known change explains it. `text` is for people; nothing here holds the
 * secret.
 */
export interface SignatureFinding {
  verdict: 'fits' | 'nearMiss' | 'noFit';
  /** A preset, or the type of credential. */
  scheme: string;
  problem?: Problem;
  text: string;
  /** The fields of a credential to use, without its secret; left out when no credential would help. */
  fields?: Readonly<Record<string, string | number>>;
}
