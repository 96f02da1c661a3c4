import type { Database } from '../database.js';

// Of a run that goes on, calls may still decide what becomes of a step.
const text = `
delete from resume where id in (
  select c.id from resume c
  left join run r on r.id = c.run_id
  where c.received_at < now() - make_interval(secs => $2::float8 / 1000)
    and (r.id is null or r.finished_at < now() - make_interval(secs => $2::float8 / 1000))
  order by c.received_at limit $1
  for update of c skip locked
)
returning 1`;

/** Removes calls of resume URLs whose run ended longer ago than `keptForMs`, at most `limit`; resolves how many. */
export async function removeOldResumes(
  database: Database,
  options: { limit: number; keptForMs: number },
): Promise<number> {
  const { limit, keptForMs } = options;
  return (await database.hot({ name: 'remove-old-resumes', text, values: [limit, keptForMs] })).length;
}
