import { OperationError } from '@millrace/component-sdk';
import type { Json, RetryAdvice, StepError } from '@millrace/contracts';
import { maskJson, type Mask } from '@millrace/credentials';
import { readJson } from './read-json.js';
import { presentText } from './step-log.js';

export interface StepFailure {
  error: StepError;
  retry: RetryAdvice;
}

const maxMessageLength = 2_000;
const maxDetailBytes = 16 * 1024;
const maxCauses = 5;

/**
 * Makes a failure of whatever was thrown: an `OperationError` says itself whether to retry, anything else is left to the
 * retry policy. Secrets are masked; stacks, which show the inside of the component, are left out. Never throws.
 */
export function failureOf(thrown: unknown, mask: Mask): StepFailure {
  try {
    const known = thrown instanceof OperationError ? thrown : undefined;
    return {
      error: {
        code: known && /^[a-z][a-z0-9_]{0,63}$/.test(known.code) ? known.code : 'operation_failed',
        message: presentText(mask(wordsOf(thrown)), maxMessageLength),
        detail: known ? presentDetail(known.detail, mask) : null,
      },
      retry: known?.retry ?? { kind: 'policy' },
    };
  } catch {
    // The thrown object itself failed when it was looked at.
    return {
      error: { code: 'operation_failed', message: 'The operation failed without saying why', detail: null },
      retry: { kind: 'policy' },
    };
  }
}

function wordsOf(thrown: unknown): string {
  if (typeof thrown === 'string' && thrown.trim() !== '') return thrown;
  if (thrown instanceof Error) return errorWords(thrown, maxCauses);
  if (typeof thrown === 'object' && thrown !== null) {
    const words = 'message' in thrown ? thrown.message : undefined;
    if (typeof words === 'string' && words.trim() !== '') return words;
    const read = readJson(thrown, maxMessageLength);
    return `The operation threw an object: ${read.ok ? JSON.stringify(read.json) : typeof thrown}`;
  }
  return `The operation failed without saying why (it threw ${thrown === '' ? 'an empty text' : String(thrown)})`;
}

function errorWords(error: Error, causesLeft: number): string {
  const own = error.message.trim() === '' ? error.name : error.message;
  const cause: unknown = error instanceof AggregateError ? (error.errors[0] as unknown) : error.cause;
  if (!(cause instanceof Error) || causesLeft === 0) return own;
  const deeper = errorWords(cause, causesLeft - 1);
  return own.includes(deeper) ? own : `${own}: ${deeper}`;
}

function presentDetail(detail: Json, mask: Mask): Json {
  const read = readJson(detail, maxDetailBytes);
  return read.ok ? maskJson(read.json, mask) : null;
}
