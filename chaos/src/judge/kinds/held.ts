import { beganAt, calledAt, type JudgedRun } from '../judged-run.js';

/** A time for which the API had said that nothing begins, or that no call is taken; in milliseconds since the epoch. */
export interface Held {
  readonly how: 'paused' | 'stopped';
  readonly from: number;
  /** When somebody first asked to end it. */
  readonly until: number;
}

/** Runs that began while their flow was paused though their call came after, and calls that were taken while it was stopped. */
export function slipped(runs: readonly JudgedRun[], { how, from, until }: Held): string[] {
  const within = runs.filter((run) => calledAt(run) > from && calledAt(run) < until);
  if (how === 'stopped') return within.map(({ id }) => `${id} was taken while its flow was stopped`);
  return within
    .filter((run) => (beganAt(run) ?? Number.POSITIVE_INFINITY) < until)
    .map(({ id }) => `${id} began while its flow was paused, and came after`);
}
