/**
 * Why a publish failed:
 * - `returned`: no queue took it (unroutable, or its exchange is not declared);
 * - `refused`: the broker said no (nack), for example because the queue is full;
 * - `timeout`: sent, but not confirmed in time, so it may be stored or not;
 * - `connectionLost`: sent, then its channel or connection broke before the confirm, so it may be stored or not;
 * - `unavailable`: not sent, because there was no connection or the broker blocked it for the whole wait;
 * - `overloaded`: not sent, too much is in flight already;
 * - `tooLarge`: not sent, the body or the headers exceed what the protocol or the broker takes;
 * - `closed`: not sent or not confirmed, because the publisher was closed.
 */
export type PublishFailure =
  | 'returned'
  | 'refused'
  | 'timeout'
  | 'connectionLost'
  | 'unavailable'
  | 'overloaded'
  | 'tooLarge'
  | 'closed';

/** The one error that `publish` rejects with. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly reason: PublishFailure;

  constructor(reason: PublishFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  /** Whether publishing the same message again later may succeed. */
  get retryable(): boolean {
    return this.reason !== 'tooLarge' && this.reason !== 'closed';
  }
}
