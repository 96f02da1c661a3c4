import { AddressRefusedError } from '@millrace/outgoing';
import { OperationError, PeerUnavailableError, RetryAfterError, TerminalError } from './errors.js';
import type { HttpAnswer } from './http-answer.js';

/** What an answer that is not accepted means to the step. */
export function refusalOf(call: string, answer: HttpAnswer): Error {
  const { status, reason } = answer;
  const message = `${call} answered ${status}${reason === undefined ? '' : `: ${reason}`}`;
  const detail = { status };
  const afterMs = retryAfterMs(answer.header('retry-after'));
  if (afterMs !== undefined && (status === 429 || status === 503)) {
    return new RetryAfterError(afterMs, message, { code: 'rate_limited', detail });
  }
  const passing = status >= 500 || status === 408 || status === 425 || status === 429;
  if (passing) return new PeerUnavailableError(message, { detail });
  return new TerminalError(message, { code: 'peer_refused', detail });
}

/** Errors of the connection by which the same call would fail again. */
const hopelessCodes = new Map([
  ['UND_ERR_INVALID_ARG', 'call_invalid'],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'call_invalid'],
]);

/** What a call that got no answer means to the step. */
export function failureOf(call: string, error: unknown): Error {
  // Of a stream that was to be sent, which knows better what it means.
  if (error instanceof OperationError) return error;
  const message = `${call}: ${causeOf(error)}`;
  if (error instanceof AddressRefusedError) return new TerminalError(message, { code: error.code, cause: error });
  if (error instanceof AnswerTooLarge) return new TerminalError(message, { code: 'peer_answer_too_large' });
  const hopeless = hopelessCodes.get(codeOf(error));
  if (hopeless === undefined) return new PeerUnavailableError(message, { cause: error });
  return new TerminalError(message, { code: hopeless, cause: error });
}

/** Why an answer was cut off. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';

  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes} bytes`);
  }
}

/** Why a try was given up. */
export class AnswerTimeout extends Error {
  override readonly name = 'AnswerTimeout';

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110), in milliseconds from now. */
export function retryAfterMs(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The code that Node or undici gave an error; empty without one. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** The innermost words on why a call failed: a failed connection to several addresses wraps the cause of each. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map((inner) => causeOf(inner)))].join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  if (error.message === '' || error.message === 'fetch failed') {
    return error.cause === undefined ? error.name : causeOf(error.cause);
  }
  return error.message;
}
