import type { Database } from '../database.js';

// As long as one of its steps has not ended, its result may be asked for once more; and of one that failed as long as its
// run is kept, for a person may have it tried again: its items must go on with it then, and none of them a second time.
const text = `
delete from collection where id in (
  select c.id from collection c
  where c.closed_at < now() - make_interval(secs => $2::float8 / 1000) and c.look_at is null and not exists (
    select from collected_item i
    join step_run s on s.run_id = i.run_id and s.step_id = i.step_id and s.path = i.path
    where i.collection_id = c.id and s.status in ('running', 'waiting', 'failed')
  )
  order by c.closed_at limit $1
  for update skip locked
)
returning 1`;

/** Removes collections with their items that went on longer ago than `keptForMs`, at most `limit`; resolves how many. */
export async function removeOldCollections(
  database: Database,
  options: { limit: number; keptForMs: number },
): Promise<number> {
  const { limit, keptForMs } = options;
  return (await database.hot({ name: 'remove-old-collections', text, values: [limit, keptForMs] })).length;
}
