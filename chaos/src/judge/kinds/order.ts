import type { Known } from '../../kinds/kind.js';
import type { Effects } from '../../target/effects.js';
import { beganAt, calledAt, type ExpectedEffect, type JudgedRun } from '../judged-run.js';

/** Of two requests of a key one may overtake the other on its way through two replicas; so long after it nothing may. */
const certainlyLaterMs = 1_000;

/** Runs of one key whose effects the target saw between each other. Of one that was repeated the first time counts. */
export function interleaved(
  runs: readonly JudgedRun[],
  effects: Effects,
  effectsOf: (run: JudgedRun) => readonly ExpectedEffect[],
): string[] {
  const spans = runs.flatMap((run) => {
    const times = effectsOf(run).flatMap(({ key }) => effects.of(key)[0]?.at ?? []);
    return times.length === 0 ? [] : [{ id: run.id, from: Math.min(...times), until: Math.max(...times) }];
  });
  spans.sort((one, other) => one.from - other.from || one.until - other.until);
  return spans.slice(1).flatMap((next, at) => {
    const before = spans[at];
    if (!before || before.until <= next.from) return [];
    return [`the target saw ${next.id} before ${before.id} of the same key had ended`];
  });
}

/**
 * Runs of one key that began before the one before them had ended; with `releasedAt` also before that one, which failed,
 * was let go.
 */
export function overlapping(runs: readonly JudgedRun[], releasedAt?: ReadonlyMap<string, number>): string[] {
  const begun = runs.flatMap((run) => {
    const at = beganAt(run);
    return at === undefined ? [] : [{ run, at }];
  });
  begun.sort((one, other) => one.at - other.at);
  return begun.slice(1).flatMap(({ run, at }, index) => {
    const before = begun[index]?.run;
    if (!before) return [];
    if ((before.finishedAt ?? Number.POSITIVE_INFINITY) > at) return [`${run.id} began before ${before.id} had ended`];
    if (before.status !== 'failed' || !releasedAt) return [];
    if ((releasedAt.get(before.id) ?? Number.POSITIVE_INFINITY) <= at) return [];
    return [`${run.id} began though ${before.id} had failed and its key was not released`];
  });
}

/** Runs of one key that overtook, in calm, one that had been accepted long before they came. */
export function overtaken(runs: readonly JudgedRun[], { calm, acceptedAt }: Known): string[] {
  return calm.flatMap(({ from, until }) => {
    const quiet = runs.filter((run) => calledAt(run) >= from && calledAt(run) <= until);
    return quiet.flatMap((later) => {
      const before = calledAt(later) - certainlyLaterMs;
      const passed = quiet.filter(
        (one) => (acceptedAt(one.id) ?? before) < before && (beganAt(one) ?? 0) > (beganAt(later) ?? 0),
      );
      return passed.map(({ id }) => `${later.id} overtook ${id} of the same key in calm`);
    });
  });
}
