/*
 * A run is cancelled in two transactions, so that it waits for nobody who waits for it: settlements lock step runs
 * first and their run after.
 *
 *   mark the run, and note it in run_cancellation ──▶ end its open step runs, until there is none ──▶ remove the note
 *
 * The mark alone keeps the run from ending in another way. That no step run stays open follows from this: whoever opens
 * one does so in the transaction that ends another, which a fresh snapshot shows as open until that transaction is over.
 * A snapshot without an open one is thus the last. After a kill, the note lets an orchestrator end what is open.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId } from '@millrace/contracts';
import type { Database } from '../database.js';

const takenAtOnce = 1_000;
const firstPauseMs = 5;
const longestPauseMs = 200;

// What somebody else holds is skipped and looked at again: two that wait for each other's rows would be a deadlock.
const cancelText = `
with open as (
  select step_id, path from step_run
  where run_id = $1 and status in ('running', 'waiting')
  limit $2 for update skip locked
), cancelled as (
  update step_run s
  set status = 'cancelled', finished_at = now(), due_at = null, overdue_after_ms = null, waiting_for = null
  from open o
  where s.run_id = $1 and s.step_id = o.step_id and s.path = o.path
  returning 1
)
select count(*)::int as count from cancelled`;

const openText = `select exists (select from step_run where run_id = $1 and status in ('running', 'waiting')) as open`;

/**
 * Ends every step run of a run that was marked as cancelled, whatever opens more of them meanwhile. Resolves false when
 * somebody held one for longer than `withinMs`: the note stays then. Safe to repeat, and for several processes at once.
 */
export async function endCancelledSteps(database: Database, runId: RunId, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  for (let pauseMs = firstPauseMs; ;) {
    const [taken] = await database.hot<{ count: number }>({
      name: 'cancel-steps',
      text: cancelText,
      values: [runId, takenAtOnce],
    });
    if (taken?.count === takenAtOnce) continue;
    const [left] = await database.hot<{ open: boolean }>({ name: 'any-open-step', text: openText, values: [runId] });
    if (!left?.open) break;
    if (Date.now() >= deadline) return false;
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
  await database.hot({
    name: 'remove-cancellation',
    text: 'delete from run_cancellation where run_id = $1',
    values: [runId],
  });
  return true;
}

/** Runs that were cancelled more than `olderThanMs` ago and whose step runs may still be open, the oldest first. */
export async function listCancellations(
  database: Database,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<RunId[]> {
  const rows = await database.hot<{ runId: RunId }>({
    name: 'list-cancellations',
    text: `
select run_id as "runId" from run_cancellation
where cancelled_at < now() - make_interval(secs => $1 / 1000.0) order by cancelled_at limit $2`,
    values: [olderThanMs, limit],
  });
  return rows.map(({ runId }) => runId);
}
