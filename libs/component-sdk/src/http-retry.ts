import type { AbortSource } from './abort.js';
import { codeOf, retryAfterMs } from './http-failure.js';

export const maxTries = 3;
const firstWaitMs = 200;
/** A longer wait that a peer asks for is one of the step, which holds nothing meanwhile. */
const maxAskedWaitMs = 2_000;

/** Failures of a connection that the next one may not have. */
const passingCodes: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);
const passingStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** How one try ended that was no success. */
export type FailedTry =
  | { answered: true; status: number; retryAfter: string | undefined }
  | { answered: false; error: unknown };

/**
 * How long to wait before the same call is sent again; `undefined` when it should not be. A peer that says when it
 * wants to be asked again is obeyed. Pure: `random` is from 0 to 1.
 */
export function waitBeforeRetry(tries: number, failed: FailedTry, random: number): number | undefined {
  if (tries >= maxTries) return undefined;
  // From a half to the whole of what doubles with each try, so that callers that failed together do not come together.
  const waitMs = Math.round(firstWaitMs * 2 ** (tries - 1) * (0.5 + random / 2));
  if (!failed.answered) return passingCodes.has(codeOf(failed.error)) ? waitMs : undefined;
  const askedMs = failed.status === 429 || failed.status === 503 ? retryAfterMs(failed.retryAfter) : undefined;
  if (askedMs !== undefined) return askedMs <= maxAskedWaitMs ? Math.max(askedMs, waitMs) : undefined;
  return passingStatuses.has(failed.status) ? waitMs : undefined;
}

/** Waits, unless the step ends before: then it rejects with the reason. */
export function pause(waitMs: number, abort: AbortSource): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, waitMs);
    const forget = abort.onAbort(() => {
      clearTimeout(timer);
      reject(abort.reason ?? new Error('The call was aborted'));
    });
  });
}
