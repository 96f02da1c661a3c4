import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import {
  dropRunDay,
  findKeptRuns,
  listExpiredDays,
  listRetentions,
  removeEndedRuns,
  removeOldAcceptedCalls,
  removeStrayRuns,
  withAdvisoryLock,
  type Database,
  type DayDrop,
  type RemovedPortion,
} from '@millrace/persistence';

export interface RetentionDeps {
  database: Database;
  logger: Logger;
}

export interface Removed {
  /** Days of the run log that were dropped whole. */
  days: number;
  /** Runs that were removed one by one. */
  runs: number;
}

const dayMs = 86_400_000;
const lookedAtOnce = 20_000;
const removedAtOnce = 500;
const countsRemovedAtOnce = 5_000;
/** Between two portions, so that others get at the disk. */
const breathMs = 20;
/** A day with more runs that must stay is not dropped: moving them would hold the traffic up. */
const maxMovedRuns = 1_000;
/** Each waits for its locks a tenth of a second at most, and the traffic waits with it. */
const dropAttempts = 20;
const dropAgainMs = 500;

/**
 * Removes runs that ended longer ago than their workspace keeps them. A day that is over for every workspace is dropped as
 * a table; its runs that must stay, above all those that have not ended, move to the default partition. What other
 * workspaces keep shorter, and days that cannot be dropped yet, go row by row. A run that has not ended is never removed.
 *
 * Of several orchestrators one does so at a time. Everything is safe to repeat after a kill. Resolves `undefined` when
 * another one is at it.
 */
export async function removeExpiredRuns(deps: RetentionDeps, stopping: AbortSignal): Promise<Removed | undefined> {
  const { database, logger } = deps;
  const removed = await withAdvisoryLock(database, 'millrace.retention', async () => {
    await removeCounts(database, stopping);
    const days = await dropDays(deps, stopping);
    const runs = (await removeByWorkspace(database, stopping)) + (await removeStrays(database, stopping));
    return { days, runs };
  });
  if (removed && removed.days + removed.runs > 0) logger.info(removed, 'expired runs were removed');
  return removed;
}

async function removeCounts(database: Database, stopping: AbortSignal): Promise<void> {
  for (let removed = countsRemovedAtOnce; removed === countsRemovedAtOnce && !stopping.aborted;) {
    removed = await removeOldAcceptedCalls(database, countsRemovedAtOnce);
  }
}

async function dropDays(deps: RetentionDeps, stopping: AbortSignal): Promise<number> {
  let dropped = 0;
  for (const day of await listExpiredDays(deps.database)) {
    if (stopping.aborted) break;
    const kept = await keptRuns(deps.database, day, stopping);
    if (!kept) {
      deps.logger.info({ day }, 'a day of the run log has too many runs that must stay, others go one by one');
      continue;
    }
    const became = await dropDay(deps.database, { day, kept, stopping });
    if (became === 'dropped') dropped += 1;
    else if (became !== 'gone') deps.logger.warn({ day, became }, 'a day of the run log could not be dropped yet');
  }
  return dropped;
}

/** The runs of a day that must stay; `undefined` when there are too many to be moved, or the process is stopping. */
async function keptRuns(database: Database, day: string, stopping: AbortSignal): Promise<RunId[] | undefined> {
  const kept: RunId[] = [];
  let after: RunId | undefined;
  while (!stopping.aborted && kept.length <= maxMovedRuns) {
    const portion = await findKeptRuns(database, { day, after, limit: lookedAtOnce });
    kept.push(...portion.kept);
    if (portion.last === undefined) return kept.length <= maxMovedRuns ? kept : undefined;
    after = portion.last;
  }
  return undefined;
}

async function dropDay(
  database: Database,
  { day, kept, stopping }: { day: string; kept: RunId[]; stopping: AbortSignal },
): Promise<DayDrop> {
  for (let attempt = 1; ; attempt += 1) {
    const became = await dropRunDay(database, day, kept);
    if (became !== 'busy' || attempt === dropAttempts || stopping.aborted) return became;
    await sleep(dropAgainMs * (0.5 + Math.random()), undefined, { signal: stopping }).catch(() => undefined);
  }
}

async function removeByWorkspace(database: Database, stopping: AbortSignal): Promise<number> {
  const retentions = await listRetentions(database);
  const longest = Math.max(0, ...retentions.map(({ days }) => days));
  let total = 0;
  for (const { workspaceId, days } of retentions) {
    const expired = Date.now() - days * dayMs;
    // Of whoever keeps runs longest the days are dropped whole, which costs nothing a row; one more day is left for that.
    const before = new Date(days === longest ? Math.floor(expired / dayMs) * dayMs - dayMs : expired);
    total += await inPortions(stopping, (after) =>
      removeEndedRuns(database, { workspaceId, before, after, limit: removedAtOnce }),
    );
  }
  return total;
}

function removeStrays(database: Database, stopping: AbortSignal): Promise<number> {
  return inPortions(stopping, (after) => removeStrayRuns(database, { after, limit: removedAtOnce }));
}

async function inPortions(
  stopping: AbortSignal,
  remove: (after: RunId | undefined) => Promise<RemovedPortion>,
): Promise<number> {
  let total = 0;
  for (let after: RunId | undefined; !stopping.aborted;) {
    const { removed, last } = await remove(after);
    total += removed;
    if (last === undefined) break;
    after = last;
    if (removed > 0) await sleep(breathMs);
  }
  return total;
}
