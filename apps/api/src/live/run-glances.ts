/*
 * How the api sees runs change without a word from the engine: it looks at the newest runs of a workspace again and again, by
 * the index of their ids, and at those that it saw open, and compares them with what it saw before.
 *
 * Ids hold the time at which a request came, and rows are written in about that order: after a while without orchestrators
 * the newest row is old, and what counts is the time before that, not before now.
 */
import { millisOf, type RunId, type WorkspaceId } from '@millrace/contracts';
import { readRecentRuns, readWatchedRuns, type Database, type RunGlance } from '@millrace/persistence';

/** What was seen of the runs of a workspace. */
export interface SeenRuns {
  workspaceId: WorkspaceId;
  seen: Map<RunId, RunGlance>;
  /** The newest runs are looked at back to here. */
  sinceMs: number;
  /** There were more of these than are read at once. */
  truncated: boolean;
  /** Runs of which it was said that they changed. */
  named: Set<RunId>;
  /** Runs that somebody looks at, and what their steps were like. */
  watched: () => Iterable<RunId>;
  steps: Map<RunId, string>;
}

/** A run may be written so much later than one with a higher id. */
const lateMs = 10_000;
/** A clock may be so far ahead; ids of later are of one that is wrong. */
const aheadMs = 60_000;
/** Of a workspace in one look; of more the newest. */
const maxRecent = 2_000;
const maxOpen = 500;

export function unseenRuns(workspaceId: WorkspaceId, watched: () => Iterable<RunId>): SeenRuns {
  return { workspaceId, seen: new Map(), sinceMs: 0, truncated: false, named: new Set(), watched, steps: new Map() };
}

/** Looks at the runs of some workspaces in two statements. Resolves those that began or changed since the last look. */
export async function lookAtRuns(
  database: Database,
  workspaces: readonly SeenRuns[],
): Promise<{ workspace: SeenRuns; run: RunGlance }[]> {
  const followed = workspaces.map((workspace) => ({ workspace, runs: followedRuns(workspace) }));
  const wanted = followed.flatMap(({ workspace: { workspaceId }, runs }) =>
    Array.from(runs, ([id, withSteps]) => ({ workspaceId, id, withSteps })),
  );
  const [recent, watched] = await Promise.all([
    readRecentRuns(database, { workspaces, limit: maxRecent }),
    wanted.length === 0 ? [] : readWatchedRuns(database, wanted),
  ]);
  return followed.flatMap(({ workspace, runs }) => {
    const own = (run: RunGlance) => run.workspaceId === workspace.workspaceId;
    const [newest, others] = [recent.filter(own), watched.filter(own)];
    // The newest first: of open runs so many are followed from there.
    const seen = new Map([...newest, ...others].map((run) => [run.id, run]));
    const steps = new Map(others.filter(({ id }) => runs.get(id)).map((run) => [run.id, run.steps]));
    const changed = [...seen.values()].filter(({ id, status }) => {
      if (workspace.seen.get(id)?.status !== status) return true;
      const before = workspace.steps.get(id);
      return before !== undefined && steps.has(id) && steps.get(id) !== before;
    });
    const latestMs = Date.now() + aheadMs;
    const newestMs = newest.map(({ id }) => millisOf(id)).find((millis) => millis <= latestMs) ?? 0;
    workspace.seen = seen;
    workspace.steps = steps;
    workspace.truncated = newest.length === maxRecent;
    workspace.sinceMs = Math.max(workspace.sinceMs, newestMs - lateMs);
    return changed.map((run) => ({ workspace, run }));
  });
}

/** The runs to look at by their ids, and whether with their steps: those that somebody looks at, and the open ones. */
function followedRuns({ seen, sinceMs, truncated, named, watched }: SeenRuns): Map<RunId, boolean> {
  const runs = new Map<RunId, boolean>(Array.from(named, (id) => [id, false]));
  for (const id of watched()) runs.set(id, true);
  named.clear();
  let open = 0;
  for (const { id, status } of seen.values()) {
    if (open === maxOpen) break;
    const seenAnyway = !truncated && millisOf(id) >= sinceMs;
    if (!isOpen(status) || seenAnyway || runs.has(id)) continue;
    runs.set(id, false);
    open += 1;
  }
  return runs;
}

function isOpen(status: RunGlance['status']): boolean {
  return status === 'queued' || status === 'running' || status === 'waiting';
}
