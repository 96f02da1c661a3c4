import { groupBy } from '../../group-by.js';
import { calledAt, type JudgedRun } from '../judged-run.js';

/** A bulk job as the API shows it, as far as it is judged. */
export interface Job {
  readonly id: string;
  readonly action: 'retry' | 'replay' | 'cancel';
  readonly status: 'queued' | 'running' | 'done' | 'cancelled';
  readonly filter: { readonly flowId: string; readonly from?: string; readonly to?: string };
  readonly done: number;
  readonly failed: number;
  readonly failures: readonly { readonly runId: string; readonly code: string }[];
  readonly createdAt: string;
}

/**
 * Of runs that fit an action nothing else keeps it from them, for nobody else acts on these; only one that is cancelled may
 * have ended by itself since it was looked at.
 */
export function refusedIn({ id, action, failed, failures }: Job): string[] {
  const ended = action === 'cancel' ? failures.filter(({ code }) => code === 'run_finished').length : 0;
  // A job keeps the first of its failures only.
  if (failed === ended || (ended > 0 && ended === failures.length)) return [];
  return [`job ${id} could not act on ${failed} runs: ${JSON.stringify(failures.slice(0, 3))}`];
}

/** Jobs that were to retry a failed run and did not. */
export function overlooking(run: JudgedRun, jobs: readonly Job[]): string[] {
  const failedAt = run.finishedAt ?? Number.POSITIVE_INFINITY;
  return jobs
    .filter(
      ({ action, status, createdAt }) => action === 'retry' && status === 'done' && Date.parse(createdAt) > failedAt,
    )
    .map(({ id }) => `had failed when the job ${id} began, which did not retry it`);
}

/** Whether jobs made as many replays as they count, each of a run that they were to replay, once for each of them. */
export function replaysAmiss(runs: readonly JudgedRun[], jobs: readonly Job[]): string[] {
  const replays = runs.filter(({ replayOf }) => replayOf !== null);
  const own = jobs.filter(({ action }) => action === 'replay');
  const counted = own.reduce((sum, { done }) => sum + done, 0);
  const faults = counted === replays.length ? [] : [`jobs count ${counted} replays, and there are ${replays.length}`];
  const byId = new Map(runs.map((run) => [run.id, run]));
  for (const [replayOf, same] of groupBy(replays, (run) => run.replayOf ?? '')) {
    const first = byId.get(replayOf);
    const at = first ? calledAt(first) : Number.NaN;
    const asked = own.filter(({ filter: { from, to } }) => Date.parse(from ?? '') <= at && at < Date.parse(to ?? ''));
    if (same.length > asked.length) {
      faults.push(`${replayOf} was replayed ${same.length} times, ${asked.length} jobs asked for it`);
    }
  }
  return faults;
}

/** Whether as many were cancelled as jobs say. */
export function cancelsAmiss(runs: readonly JudgedRun[], jobs: readonly Job[]): string[] {
  const cancelled = runs.filter(({ status }) => status === 'cancelled').length;
  const counted = jobs.reduce((sum, { action, done }) => sum + (action === 'cancel' ? done : 0), 0);
  return counted === cancelled ? [] : [`jobs count ${counted} cancelled runs, and there are ${cancelled}`];
}
