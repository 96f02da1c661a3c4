import type { Inflicted } from '../faults/storm.js';
import type { Effect } from '../target/effects.js';
import type { JudgedRun, JudgedStep } from './judged-run.js';

/** An effect that a step run had once more. */
export interface Duplicate {
  readonly runId: string;
  readonly stepId: string;
  readonly path: string;
  /** The attempt that repeated it. */
  readonly attempt: number;
  readonly at: number;
  /** What had cut the earlier one; `undefined` when nothing did, and then it is a fault of Millrace. */
  readonly cause: string | undefined;
}

/**
 * What cannot make a step run again. A request that a client repeats is a run of its own, and an attempt that the target
 * spoils is a failed one in the row.
 */
const aside = /^(?:api|webhooks-service|sandbox|target)/;

/**
 * The effects of a step run after its first one, each with what cut the attempt before it: that attempt failed by its own
 * row (a time-out, an answer that was lost), or a fault met those who held its messages since the run began.
 */
export function duplicatesOf(
  run: JudgedRun,
  step: JudgedStep,
  { effects, faults }: { effects: readonly Effect[]; faults: readonly Inflicted[] },
): Duplicate[] {
  return effects.slice(1).map((effect, at) => {
    const { stepId, path } = step;
    const attempt = attemptAt(step, effect.at);
    const before = attemptAt(step, effects[at]?.at ?? 0);
    const cause = attempt > before ? `attempt ${before} failed` : faultBefore(run, effect.at, faults);
    return { runId: run.id, stepId, path, attempt, at: effect.at, cause };
  });
}

/** The attempt of a step run that was under way at a time. */
function attemptAt(step: JudgedStep, at: number): number {
  const over = step.failures.filter(({ finishedAt }) => finishedAt < at).length;
  return Math.min(over + 1, step.attempt);
}

function faultBefore(run: JudgedRun, at: number, faults: readonly Inflicted[]): string | undefined {
  const met = faults.findLast(({ on, from, until }) => from <= at && until >= run.startedAt && !aside.test(on));
  return met && `${met.fault}${met.how === undefined ? '' : ` (${met.how})`} of ${met.on}`;
}
