import { assertNever, type RunId, type WorkspaceId } from '@millrace/contracts';
import { databaseFault, type BulkJobRow } from '@millrace/persistence';
import type { ProblemError } from '@millrace/platform';
import type { ApiDeps } from '../deps.js';
import { cancelProblem, replayProblem, retryProblem } from '../runs/act-problems.js';
import { cancelRun, type Within } from '../runs/cancel-run.js';
import { replayRun } from '../runs/replay-run.js';
import { retryRun } from '../runs/retry-run.js';
import { replayIdOf } from './replay-id.js';

/** A job of another process, or cancelled: the act that found out was rolled back. */
export class JobLost extends Error {
  override readonly name = 'JobLost';
}

/** It cannot be done at the moment, on this run or any other. */
export class ActUnavailable extends Error {
  override readonly name = 'ActUnavailable';
}

export type Acted =
  /** `counted`: its count was committed with it. */
  { outcome: 'acted'; counted: boolean } | { outcome: 'refused'; code: string; message: string };

/** Does with a run what a job says. Rejects with `JobLost`, `ActUnavailable`, or what the database says while it is away. */
export async function actOnRun(
  deps: ApiDeps,
  job: Pick<BulkJobRow, 'id' | 'action' | 'version'> & { workspaceId: WorkspaceId },
  runId: RunId,
  count: Within,
): Promise<Acted> {
  const { id, action, version, workspaceId } = job;
  try {
    switch (action) {
      case 'retry': {
        const retry = await retryRun(deps, workspaceId, { runId, version: version ?? 'same' }, count);
        if (retry.outcome === 'retried') return { outcome: 'acted', counted: true };
        if (retry.outcome === 'sandboxUnavailable') throw new ActUnavailable('no mapping can be evaluated');
        return refused(retryProblem(retry));
      }
      case 'cancel': {
        let counted = false;
        const cancellation = await cancelRun(deps, workspaceId, runId, async (manager) => {
          await count(manager);
          counted = true;
        });
        return cancellation.outcome === 'cancelled'
          ? { outcome: 'acted', counted }
          : refused(cancelProblem(cancellation));
      }
      case 'replay': {
        const replay = await replayRun(deps, workspaceId, {
          runId,
          version: version ?? 'current',
          replayId: replayIdOf(id, runId),
        });
        if (replay.outcome === 'replayed') return { outcome: 'acted', counted: false };
        if (replay.outcome === 'unconfirmed') throw new ActUnavailable('the broker did not confirm a replay');
        return refused(replayProblem(replay));
      }
      default:
        return assertNever(action);
    }
  } catch (error) {
    if (error instanceof JobLost || error instanceof ActUnavailable || databaseFault(error) === 'transient')
      throw error;
    // One run that cannot be acted on must not hold up all that come after it.
    deps.logger.error({ err: error, jobId: id, runId }, 'a bulk job could not act on a run');
    return { outcome: 'refused', code: 'internal_error', message: 'Something went wrong on our side.' };
  }
}

function refused({ code, detail, title }: ProblemError): Acted {
  return { outcome: 'refused', code, message: detail ?? title };
}
