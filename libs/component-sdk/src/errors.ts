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
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code ?? defaultCode;
    this.detail = options.detail ?? null;
  }
}

/** The step fails and is not retried: the same input would be refused again. Say what to change. */
export class TerminalError extends OperationError {
  override readonly name = 'TerminalError';
  readonly retry: RetryAdvice = { kind: 'never' };

  constructor(message: string, options?: OperationErrorOptions) {
    super(message, 'refused', options);
  }
}

/** The target asks to come back after `afterMs`, as with a rate limit. */
export class RetryAfterError extends OperationError {
  override readonly name = 'RetryAfterError';
  readonly retry: RetryAdvice;

  constructor(
    readonly afterMs: number,
    message = `The target asks to try again in ${Math.ceil(afterMs / 1000)} s`,
    options?: OperationErrorOptions,
  ) {
    super(message, 'retry_later', options);
    this.retry = { kind: 'after', afterMs: Math.min(Math.max(0, Math.round(afterMs)), Number.MAX_SAFE_INTEGER) };
  }
}

/** The target could not be reached or failed on its side; the step's retry policy decides. */
export class PeerUnavailableError extends OperationError {
  override readonly name = 'PeerUnavailableError';
  readonly retry: RetryAdvice = { kind: 'policy' };

  constructor(message: string, options?: OperationErrorOptions) {
    super(message, 'peer_unavailable', options);
  }
}
