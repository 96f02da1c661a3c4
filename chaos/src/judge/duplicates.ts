import type { Inflicted } from '../faults/storm.js';
import type { Effect } from '../target/effects.js';
import type { ExpectedEffect, JudgedRun, JudgedStep } from './judged-run.js';

/** An effect that a step run had once more. */
export interface Duplicate {
  readonly runId: string;
  readonly stepId: string;
  readonly path: string;
  /** The attempt that repeated it. */
  readonly attempt: number;
  readonly at: number;
  /** When it had come before. */
  readonly before: number;
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
  { stepId, path, component }: ExpectedEffect,
  { effects, faults }: { effects: readonly Effect[]; faults: readonly Inflicted[] },
): Duplicate[] {
  const step = run.steps.find((one) => one.stepId === stepId && one.path === path);
  const met = effects.length < 2 ? [] : faults.filter((fault) => mayRepeat(fault, component));
  return effects.slice(1).map((effect, at) => {
    const attempt = attemptAt(step, effect.at);
    const earlier = effects[at]?.at ?? 0;
    const before = attemptAt(step, earlier);
    const cause = attempt > before ? `attempt ${before} failed` : causeBetween(run.startedAt, effect.at, met);
    return { runId: run.id, stepId, path, attempt, at: effect.at, before: earlier, cause };
  });
}

/** A component makes its own steps run again, and the one of the trigger all that follow it. */
function mayRepeat({ on }: Inflicted, component: string): boolean {
  if (on.startsWith('component-')) return [component, 'webhook'].some((name) => on.startsWith(`component-${name}-`));
  return !aside.test(on);
}

/** The attempt of a step run that was under way at a time. */
function attemptAt(step: JudgedStep | undefined, at: number): number {
  if (!step) return 1;
  const over = step.failures.filter(({ finishedAt }) => finishedAt < at).length;
  return Math.min(over + 1, step.attempt);
}

/** The last fault that was under way at some time between the two. */
function causeBetween(begin: number, end: number, faults: readonly Inflicted[]): string | undefined {
  const last = faults.findLast(({ from, until }) => from <= end && until >= begin);
  return last && `${last.fault}${last.how === undefined ? '' : ` (${last.how})`} of ${last.on}`;
}
