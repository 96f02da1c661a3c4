import type { Json, RetryAdvice } from '@millrace/contracts';

export interface OperationErrorOptions {
  /** A stable code for the run log; lower case with underscores. */
  code?: string;
  /** Further facts for the run log. Never a secret. */
  detail?: Json;
  cause?: unknown;
}

/**
 * A failure that says itself whether another attempt can help. Any other error that an operation throws is retried by
 * the step's policy.
 */
export abstract class OperationError extends Error {
  abstract readonly retry: RetryAdvice;
  readonly code: string;
  readonly detail: Json;

  protected constructor(message: string, defaultCode: string, options: OperationErrorOptions = {}) {
    super(wordsOr(message, options), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = typeof options.code === 'string' ? options.code : defaultCode;
    this.detail = options.detail ?? null;
  }
}

/** The types cannot keep out what a peer's answer did not have; without words of its own the error has those of its cause. */
function wordsOr(message: unknown, { cause }: OperationErrorOptions): string {
  if (typeof message === 'string' && message.trim() !== '') return message;
  return cause instanceof Error && cause.message.trim() !== ''
    ? cause.message
    : 'The operation failed without saying why';
}

/** The step fails and is not retried: the same input would be refused again. Say what to change. */
export class TerminalError extends OperationError {
  override readonly name = 'TerminalError';
  readonly retry: RetryAdvice = { kind: 'never' };

  constructor(message: string, options?: OperationErrorOptions) {
    super(message, 'refused', options);
  }
}

/**
 * The target asks to come back after `afterMs`, as with a rate limit. Where that is no time, such as NaN of a header that is not
 * there, the step's retry policy decides.
 */
export class RetryAfterError extends OperationError {
  override readonly name = 'RetryAfterError';
  readonly retry: RetryAdvice;

  constructor(
    readonly afterMs: number,
    message = isWait(afterMs)
      ? `The target asks to try again in ${Math.ceil(afterMs / 1000)} s`
      : 'The target asks to try again later',
    options?: OperationErrorOptions,
  ) {
    super(message, 'retry_later', options);
    this.retry = isWait(afterMs)
      ? { kind: 'after', afterMs: Math.min(Math.round(afterMs), Number.MAX_SAFE_INTEGER) }
      : { kind: 'policy' };
  }
}

function isWait(afterMs: unknown): boolean {
  return typeof afterMs === 'number' && Number.isFinite(afterMs) && afterMs >= 0;
}

/** The target could not be reached or failed on its side; the step's retry policy decides. */
export class PeerUnavailableError extends OperationError {
  override readonly name = 'PeerUnavailableError';
  readonly retry: RetryAdvice = { kind: 'policy' };

  constructor(message: string, options?: OperationErrorOptions) {
    super(message, 'peer_unavailable', options);
  }
}
