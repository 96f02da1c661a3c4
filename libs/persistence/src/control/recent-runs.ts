import type { FlowId, RunId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { RunStatus } from './run-log.js';

/** As much of a run as tells whether it has changed. */
export interface RunGlance {
  workspaceId: WorkspaceId;
  id: RunId;
  flowId: FlowId;
  status: RunStatus;
}

// For each workspace the end of an index, that of its runs or the primary key, in the partitions of the days since then: what
// came before is not touched.
const recentText = `
select w.workspace_id as "workspaceId", r.id, r.flow_id as "flowId", r.status
from unnest($1::uuid[], $2::float8[]) as w (workspace_id, since)
cross join lateral (
  select id, flow_id, status from run
  where workspace_id = w.workspace_id and id >= first_id_at(to_timestamp(w.since / 1000))
  order by id desc limit $3
) as r`;

/** The newest runs of each of these workspaces that came since a time, of each at most so many. */
export function readRecentRuns(
  database: Database,
  { workspaces, limit }: { workspaces: readonly { workspaceId: WorkspaceId; sinceMs: number }[]; limit: number },
): Promise<RunGlance[]> {
  return database.hot<RunGlance>({
    name: 'read-recent-runs',
    text: recentText,
    values: [workspaces.map(({ workspaceId }) => workspaceId), workspaces.map(({ sinceMs }) => sinceMs), limit],
  });
}

/** A run with what tells whether one of its first steps has changed. */
export interface WatchedRun extends RunGlance {
  steps: string;
}

const maxStepsWatched = 1_000;

const watchedText = `
select w.workspace_id as "workspaceId", r.id, r.flow_id as "flowId", r.status,
       case when w.with_steps then (
         select count(*) || ' ' || count(finished_at) || ' ' || sum(attempt) || ' ' || coalesce(max(finished_at)::text, '')
         from (
           select finished_at, attempt from step_run s
           where s.run_id = r.id and s.workspace_id = w.workspace_id limit ${maxStepsWatched}
         ) as watched
       ) else '' end as steps
from unnest($1::uuid[], $2::uuid[], $3::boolean[]) as w (workspace_id, id, with_steps)
join run r on r.id = w.id and r.workspace_id = w.workspace_id`;

/** Some runs of some workspaces; those that the workspace does not have are missing. */
export function readWatchedRuns(
  database: Database,
  runs: readonly { workspaceId: WorkspaceId; id: RunId; withSteps: boolean }[],
): Promise<WatchedRun[]> {
  return database.hot<WatchedRun>({
    name: 'read-watched-runs',
    text: watchedText,
    values: [
      runs.map(({ workspaceId }) => workspaceId),
      runs.map(({ id }) => id),
      runs.map(({ withSteps }) => withSteps),
    ],
  });
}
