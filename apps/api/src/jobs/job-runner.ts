/*
 * Carries out bulk jobs. Every process of the control plane does; a job is one process's at a time.
 *
 *   queued ──taken──▶ running ──no run left──▶ done
 *                      │   ▲
 *          portion ended   └─ taken again, here or elsewhere: whoever waits longest is next
 *
 * A job that cannot go on, now or later, ends as cancelled and says why: it would keep all others of its workspace waiting.
 *
 * A portion counts the runs, or acts on some of them in the order of their ids. Each act and its count are committed together
 * where the act is a transaction; a replay has an id that follows from job and run, so that a repetition is absorbed. The
 * statement that counts also renews the lease and finds out when the job was cancelled, or went to another process because this
 * one had been silent for too long: the act is rolled back then. So a kill anywhere costs the time of a lease and nothing else.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId } from '@millrace/contracts';
import {
  databaseFault,
  endBulkPortion,
  noteBulkProgress,
  stopBulkJob,
  takeBulkJob,
  type BulkFailure,
  type BulkJobRow,
  type BulkProgress,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { actOnRun, ActUnavailable, JobLost } from './act-on-run.js';
import { matchingRuns } from './matching-runs.js';
import { runFilter } from './schemas.js';

export interface JobRunner {
  /** Looks for a job at once. */
  wake(): void;
  /** Resolves when nothing is being acted on any more. What is not done is done by another process, or the next one. */
  stop(): Promise<void>;
}

export interface JobRunnerOptions {
  /** How long a job stays with a process that says nothing. */
  leaseMs?: number;
  /** How often the table is looked at when nobody calls. */
  everyMs?: number;
}

const actedOnAtOnce = 100;
const countedAtOnce = 5_000;

const lastingFault = {
  code: 'internal_error',
  message: 'It could not go on: something went wrong on our side. What it did stays done; begin it again.',
};

/** Whether an error would come again whenever the job went on. */
function isLasting(error: unknown): boolean {
  return !(error instanceof ActUnavailable) && databaseFault(error) !== 'transient';
}

/** Begins to carry out jobs. */
export function startJobRunner(deps: ApiDeps, options: JobRunnerOptions = {}): JobRunner {
  const { leaseMs = 30_000, everyMs = 1_000 } = options;
  const lease = { owner: randomUUID(), leaseMs };
  const ending = new AbortController();
  let waking = new AbortController();

  async function work(): Promise<void> {
    while (!ending.signal.aborted) {
      const awake = AbortSignal.any([waking.signal, ending.signal]);
      let worked = false;
      try {
        worked = await workOnNext();
      } catch (error) {
        if (!ending.signal.aborted) deps.logger.warn({ err: error }, 'bulk jobs cannot go on, they do later');
      }
      if (!worked) await sleep(everyMs, undefined, { signal: awake }).catch(() => undefined);
      if (waking.signal.aborted) waking = new AbortController();
    }
  }

  /** Does a portion of the job whose turn it is. Resolves whether there was one. */
  async function workOnNext(): Promise<boolean> {
    const { manager } = deps.database.dataSource;
    const job = await takeBulkJob(manager, lease);
    if (!job) return false;
    // One act may take longer than the lease: one of very many steps.
    const renewing = setInterval(() => void note(job, {}).catch(() => undefined), leaseMs / 3);
    try {
      const portion = job.total === null ? await count(job) : await act(job);
      if (job.total === null) deps.reached('job.counted');
      await endBulkPortion(manager, job.id, { owner: lease.owner, ...portion });
      if (portion.done) deps.logger.info({ jobId: job.id, action: job.action }, 'bulk job done');
    } catch (error) {
      if (error instanceof JobLost) return true;
      if (!ending.signal.aborted && isLasting(error)) {
        deps.logger.error({ err: error, jobId: job.id }, 'a bulk job cannot go on, it was ended');
        await stopBulkJob(manager, job.id, { owner: lease.owner, ...lastingFault });
        return true;
      }
      await endBulkPortion(manager, job.id, { owner: lease.owner, done: false, scannedTo: undefined });
      if (!(error instanceof ActUnavailable)) throw error;
      deps.logger.warn({ err: error, jobId: job.id }, 'a bulk job cannot go on, it does later');
      return false;
    } finally {
      clearInterval(renewing);
    }
    return true;
  }

  async function note(job: BulkJobRow, progress: BulkProgress, manager = deps.database.dataSource.manager) {
    if (!(await noteBulkProgress(manager, job.id, { ...lease, ...progress }))) throw new JobLost(job.id);
  }

  async function count(job: BulkJobRow): Promise<{ done: boolean; scannedTo: undefined }> {
    const filter = runFilter.parse(job.filter);
    let total = 0;
    for (let after: RunId | undefined; ;) {
      const scan = { after, before: job.createdAt, limit: countedAtOnce };
      const { runIds, last } = await matchingRuns(
        deps.database.dataSource.manager,
        job.workspaceId,
        { ...job, filter },
        scan,
      );
      total += runIds.length;
      if (last === null) break;
      after = last;
      await note(job, {});
      if (ending.signal.aborted) return { done: false, scannedTo: undefined };
    }
    await note(job, { total });
    return { done: false, scannedTo: undefined };
  }

  async function act(job: BulkJobRow): Promise<{ done: boolean; scannedTo: RunId | undefined }> {
    const filter = runFilter.parse(job.filter);
    const scan = { after: job.cursor ?? undefined, before: job.createdAt, limit: actedOnAtOnce };
    const { runIds, last } = await matchingRuns(
      deps.database.dataSource.manager,
      job.workspaceId,
      { ...job, filter },
      scan,
    );
    for (const runId of runIds) {
      if (ending.signal.aborted) return { done: false, scannedTo: undefined };
      const acted = await actOnRun(deps, job, runId, (manager) => note(job, { runId }, manager));
      if (acted.outcome === 'refused') {
        const failure: BulkFailure = { runId, code: acted.code, message: acted.message };
        await note(job, { runId, failure });
      } else if (!acted.counted) {
        if (job.action === 'replay') deps.reached('job.replayed');
        await note(job, { runId });
      }
      deps.reached('job.acted');
    }
    return { done: last === null, scannedTo: last ?? undefined };
  }

  const working = work();
  return {
    wake: () => waking.abort(),
    async stop() {
      ending.abort();
      await working;
    },
  };
}
