import type { RunId } from '@millrace/contracts';
import type { Database } from '../database.js';

const daysText = `
with longest as (select coalesce(max(retention_days), 30) as days from workspace)
select to_char(day, 'YYYY-MM-DD') as day
from (
  select to_date(substr(c.relname, 5), 'YYYYMMDD') as day
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'run'::regclass and c.relname ~ '^run_[0-9]{8}$'
) as partitions, longest
where (day + 1)::timestamp at time zone 'UTC' + make_interval(days => longest.days) <= now()
order by day`;

/** The days of the run log, such as `2026-01-31`, that have ended longer ago than any workspace keeps runs; oldest first. */
export async function listExpiredDays(database: Database): Promise<string[]> {
  const rows = await database.hot<{ day: string }>({ name: 'list-expired-days', text: daysText, values: [] });
  return rows.map(({ day }) => day);
}

const keptText = `
with seen as materialized (
  select id, workspace_id, finished_at from run
  where id >= first_id_at($1::date::timestamp at time zone 'UTC')
    and id < first_id_at(($1::date + 1)::timestamp at time zone 'UTC') and ($2::uuid is null or id > $2)
  order by id limit $3
)
select array(
         select seen.id from seen left join workspace w on w.id = seen.workspace_id
         where finished_at is null or finished_at >= now() - make_interval(days => coalesce(w.retention_days, 0))
       ) as kept,
       (select id from seen order by id desc limit 1) as last`;

/** A portion of the runs of a day, in the order of their ids: those that must stay, and the last one that was looked at. */
export interface KeptPortion {
  kept: RunId[];
  /** `undefined` when there are no more. */
  last: RunId | undefined;
}

/** Looks at the next runs of a day for those that have not ended, or ended within the retention of their workspace. */
export async function findKeptRuns(
  database: Database,
  portion: { day: string; after: RunId | undefined; limit: number },
): Promise<KeptPortion> {
  const [row] = await database.hot<{ kept: RunId[]; last: RunId | null }>({
    name: 'find-kept-runs',
    text: keptText,
    values: [portion.day, portion.after ?? null, portion.limit],
  });
  return { kept: row?.kept ?? [], last: row?.last ?? undefined };
}

/** `busy`: no lock was to be had in time. `changed`: a run that is not among the kept has an open step. Try both again. */
export type DayDrop = 'dropped' | 'busy' | 'changed' | 'gone';

/**
 * Drops the tables of a day; `kept` runs move to the default partitions. Stops the traffic of the run log for the moment of
 * it, and waits for that no longer than a tenth of a second.
 */
export async function dropRunDay(database: Database, day: string, kept: readonly RunId[]): Promise<DayDrop> {
  const [row] = await database.hot<{ became: DayDrop }>({
    name: 'drop-run-day',
    text: 'select drop_run_partition($1::date, $2::uuid[]) as became',
    values: [day, kept],
  });
  return row?.became ?? 'gone';
}
