import type { Database } from '../database.js';

// `skip locked` lets several orchestrators share the work, and leaves alone a key that is just being claimed again.
const text = `
with expired as (
  select flow_id, key_sha256 from deduplication
  where expires_at < now() - make_interval(secs => $2 / 1000.0)
  order by expires_at limit $1 for update skip locked
), removed as (
  delete from deduplication d using expired e
  where d.flow_id = e.flow_id and d.key_sha256 = e.key_sha256
  returning 1
)
select count(*)::int as removed from removed`;

/**
 * Removes keys of deduplication that expired more than `keptForMs` ago, `limit` at the most, and resolves how many. They are kept
 * beyond their end because a request that came before it may be handled after it.
 */
export async function removeExpiredKeys(
  database: Database,
  options: { limit: number; keptForMs: number },
): Promise<number> {
  const [row] = await database.hot<{ removed: number }>({
    name: 'remove-expired-keys',
    text,
    values: [options.limit, options.keptForMs],
  });
  return row?.removed ?? 0;
}
