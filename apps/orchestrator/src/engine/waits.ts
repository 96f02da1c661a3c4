/*
 * A step run that waits for a call of its resume URL.
 *
 *   running ──its component says so──▶ waiting ──called, or its time is over──▶ running ──its result──▶ ended
 *                                         ▲                                        │
 *                                         └──── one of several calls: an output ───┘
 *
 * What a step waits for is derived, never remembered: the kept calls and the first deadline decide, whenever they are
 * looked at. So after a kill between any two of these acts the reconciler asks the component once more, the step waits
 * again, finds the same call, and its result is the same.
 */
import type { EndedOutcome, ResultMessage, StepId } from '@millrace/contracts';
import type { PlanStep } from '@millrace/flow-model';
import { emitOutputs, suspendSteps, type SettledSteps, type SuspendedStep } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import type { Settled } from './follow.js';
import { openedSteps } from './open-steps.js';
import { persevere } from './persevere.js';

/** A result that is no end. */
export interface WaitingResult {
  /** Index of the delivery in its batch. */
  at: number;
  message: ResultMessage;
}

/** A result that ends its step run, or is an output of one that goes on. */
export type EndedResult = ResultMessage & { outcome: EndedOutcome };

export function isEnded(message: ResultMessage): message is EndedResult {
  return message.outcome.kind !== 'waiting' && message.outcome.kind !== 'collecting';
}

/** Lets steps wait; resolves the results that took no effect, whose steps wait already, have ended or are unknown. */
export async function suspend(deps: EngineDeps, waiting: WaitingResult[]): Promise<WaitingResult[]> {
  const won = await persevere(deps, 'letting steps wait', () =>
    suspendSteps(
      deps.database,
      waiting.flatMap(({ message }) => suspendedStep(message)),
    ),
  );
  deps.reached('results.suspended');
  return waiting.filter((_, position) => !won.has(position));
}

function suspendedStep({ outcome, runId, stepId, path, attempt, logs, component }: ResultMessage): SuspendedStep[] {
  if (outcome.kind !== 'waiting') return [];
  const kept = { logs: logs.length === 0 ? null : JSON.stringify(logs), componentVersion: component.version };
  return [{ runId, stepId, path, attempt, wait: outcome.wait, ...kept }];
}

/** Keeps outputs of steps that emit one by one; in place of `settleSteps`. */
export async function settleEmitted(deps: EngineDeps, settled: Settled[]): Promise<SettledSteps> {
  const written = await emitOutputs(
    deps.database,
    settled.map(({ message, plan }) => {
      const { outcome, emission = { index: 0, last: true } } = message;
      const [output] = outcome.kind === 'succeeded' ? outcome.outputs : [];
      return {
        runId: message.runId,
        stepId: message.stepId,
        path: message.path,
        attempt: message.attempt,
        index: emission.index,
        last: emission.last,
        output: output === undefined ? null : JSON.stringify(output),
        error: outcome.kind === 'failed' ? JSON.stringify(outcome.error) : null,
        componentVersion: message.component.version,
        finishedAt: message.finishedAt,
        wantsEnd: message.carry.replyTo !== undefined || plan.beginning?.queues === true,
      };
    }),
    [...openedSteps(deps, settled)],
  );
  deps.reached('results.emitted');
  return written;
}

/** What `$resumeUrl` gives in the mapping and the condition of a step; nothing where they do not ask for it. */
export function resumeUrlsFor(
  { resumeUrls }: Pick<EngineDeps, 'resumeUrls'>,
  { runId, versionId }: Pick<ResultMessage, 'runId' | 'versionId'>,
  { step, path }: { step: Pick<PlanStep, 'resumes'>; path: ResultMessage['path'] },
): { resumeUrls?: Record<StepId, string> } {
  if (step.resumes.length === 0) return {};
  const urls = step.resumes.map((stepId) => [stepId, resumeUrls.sign({ runId, versionId, stepId, path })] as const);
  return { resumeUrls: Object.fromEntries(urls) as Record<StepId, string> };
}

/** Outputs of one step that come one after the other are no copies of each other. */
export function emissionOf({ emission }: ResultMessage): string {
  return emission ? `:${emission.index}:${emission.last}` : '';
}
