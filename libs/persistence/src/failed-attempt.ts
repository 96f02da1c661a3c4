import type { Json, StepError } from '@millrace/contracts';

/** What is kept of an attempt that was not the last. Times are milliseconds since the epoch. */
export interface FailedAttempt {
  attempt: number;
  startedAt: number;
  finishedAt: number;
  error: StepError;
}

const lastTimeMs = Date.parse('9999-12-31T23:59:59Z');
const keptMessageLength = 1_000;
const keptDetailLength = 2_000;

/** An attempt that failed, as the row of its step run keeps it: what is long is shortened, and its times are times. */
export function failedAttempt({ attempt, startedAt, finishedAt, error }: FailedAttempt): FailedAttempt {
  return {
    attempt,
    startedAt: presentable(startedAt),
    finishedAt: presentable(finishedAt),
    error: shortened(error),
  };
}

/** A time that is one, whatever a component's clock says. */
function presentable(timeMs: number): number {
  return Math.min(Math.max(timeMs, 0), lastTimeMs);
}

/** A step may fail a hundred times; the row keeps of each failure what is short. The last one is kept whole. */
function shortened({ code, message, detail }: StepError): StepError {
  const length = JSON.stringify(detail)?.length ?? 0;
  const kept: Json = length > keptDetailLength ? { leftOutCharacters: length } : (detail ?? null);
  const words = message.length > keptMessageLength ? `${message.slice(0, keptMessageLength)}…` : message;
  return { code, message: words, detail: kept };
}
