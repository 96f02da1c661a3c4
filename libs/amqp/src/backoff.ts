import { setTimeout as delay } from 'node:timers/promises';

export interface BackoffBounds {
  minMs: number;
  maxMs: number;
}

/**
 * How long to wait before try number `attempt` (from 1): doubles from `minMs` up to `maxMs`, then jittered between half
 * and the whole of it, so that many processes that lost the same broker do not come back in step.
 */
export function backoffMs(attempt: number, bounds: BackoffBounds, random: () => number = Math.random): number {
  const doublings = Math.min(Math.max(attempt, 1) - 1, 30);
  const wholeMs = Math.min(bounds.maxMs, bounds.minMs * 2 ** doublings);
  return Math.round(wholeMs * (0.5 + random() / 2));
}

/** Waits, at most until the signal is aborted; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/**
 * The promise's result, or the error that `onTimeout` returns when it takes longer than `ms`. The promise itself cannot be
 * stopped: `onTimeout` ends what it waits for, where that is possible.
 */
export async function within<T>(promise: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(onTimeout()), ms);
  });
  // A result that comes too late must not surface as an unhandled rejection.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
