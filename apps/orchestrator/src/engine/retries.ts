import { createHash } from 'node:crypto';
import { stepMessageId, type ResultMessage, type StepError } from '@millrace/contracts';
import { retryDelayMs, type PlanStep } from '@millrace/flow-model';
import { failedAttempt, type PostponedStep } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { dueInMs } from './dispatch.js';

/** A failed result whose step is tried again. */
export interface Postponed {
  /** Index of the delivery in its batch. */
  at: number;
  message: ResultMessage;
  step: PlanStep;
  error: StepError;
  inMs: number;
}

const longestDelayMs = 24 * 3_600_000;

/**
 * The failed result as one that is followed by another attempt; `undefined` when it ends its step: its error says that
 * another attempt cannot help, or it was the last that the policy grants, to begin with or since a person had the step
 * tried again. Depends on the message alone, so every copy of it is judged alike. A target that asks to be left alone for a time is, for a day at most.
 */
export function postponed(at: number, message: ResultMessage, step: PlanStep): Postponed | undefined {
  const { outcome, attempt } = message;
  if (outcome.kind !== 'failed' || outcome.retry.kind === 'never') return undefined;
  const tries = attempt - Math.min(message.carry.retriedAfter ?? 0, attempt - 1);
  if (tries >= step.retry.maxAttempts) return undefined;
  const policyMs = retryDelayMs(step.retry, tries, fractionOf(stepMessageId(message)));
  const askedMs = outcome.retry.kind === 'after' ? Math.min(outcome.retry.afterMs, longestDelayMs) : 0;
  return { at, message, step, error: outcome.error, inMs: Math.max(policyMs, askedMs) };
}

export function postponedStep(
  deps: Pick<EngineDeps, 'overdueGraceMs'>,
  { message, ...retry }: Postponed,
): PostponedStep {
  const { runId, stepId, path, attempt, startedAt, finishedAt } = message;
  return {
    runId,
    stepId,
    path,
    attempt,
    failure: JSON.stringify(failedAttempt({ attempt, startedAt, finishedAt, error: retry.error })),
    logs: message.logs.length === 0 ? null : JSON.stringify(message.logs),
    componentVersion: message.component.version,
    inMs: retry.inMs,
    overdueAfterMs: dueInMs(deps, retry.step),
  };
}

/** From 0 to 1, even over ids and the same for the same one. */
function fractionOf(id: string): number {
  return createHash('sha256').update(id).digest().readUIntBE(0, 6) / 2 ** 48;
}
