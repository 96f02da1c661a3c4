import type { RunId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';

export interface RunRetention {
  workspaceId: WorkspaceId;
  days: number;
}

/** How long each workspace keeps its runs after their end. */
export function listRetentions(database: Database): Promise<RunRetention[]> {
  return database.hot<RunRetention>({
    name: 'list-retentions',
    text: 'select id as "workspaceId", retention_days as days from workspace order by id',
    values: [],
  });
}

/** What became of the runs that were looked at. */
export interface RemovedPortion {
  removed: number;
  /** The last one that was looked at; `undefined` when there are no more. */
  last: RunId | undefined;
}

// The run is locked before anything of it goes: one that is begun again just now is passed over, with its steps.
const removal = (seen: string): string => `
with seen as materialized (${seen} order by id limit $1
), old as (
  select r.id from run r join workspace w on w.id = r.workspace_id
  where r.id = any (array(select id from seen)) and r.finished_at < now() - make_interval(days => w.retention_days)
  for update of r skip locked
), steps as (
  delete from step_run s using old where s.run_id = old.id
), gone as (
  delete from run r using old where r.id = old.id returning 1
)
select (select count(*)::int from gone) as removed, (select id from seen order by id desc limit 1) as last`;

const texts = {
  'remove-ended-runs': removal(`
  select id from run where ($2::uuid is null or id > $2) and workspace_id = $3 and id < first_id_at($4::timestamptz)`),
  'remove-stray-runs': removal('select id from run_default where ($2::uuid is null or id > $2)'),
};

/**
 * Looks at the next runs of a workspace that came before a time, in the order of their ids, and removes those that ended
 * longer ago than the workspace keeps them, with their steps. Safe to repeat, and for several processes at once.
 */
export function removeEndedRuns(
  database: Database,
  portion: { workspaceId: WorkspaceId; before: Date; after: RunId | undefined; limit: number },
): Promise<RemovedPortion> {
  const { workspaceId, before, after, limit } = portion;
  return removePortion(database, 'remove-ended-runs', [limit, after ?? null, workspaceId, before]);
}

/** The same for the runs that have no day: their ids are of a clock far off, or their day is dropped. */
export function removeStrayRuns(
  database: Database,
  { after, limit }: { after: RunId | undefined; limit: number },
): Promise<RemovedPortion> {
  return removePortion(database, 'remove-stray-runs', [limit, after ?? null]);
}

async function removePortion(database: Database, name: keyof typeof texts, values: unknown[]): Promise<RemovedPortion> {
  const [row] = await database.hot<{ removed: number; last: RunId | null }>({ name, text: texts[name], values });
  return { removed: row?.removed ?? 0, last: row?.last ?? undefined };
}
