import type { FlowId, WorkspaceId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** How many calls of a flow one instance of webhooks-service has accepted in an hour, since it began. */
export interface AcceptedCount {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  /** The beginning of the hour, milliseconds since the epoch. */
  hourMs: number;
  calls: number;
}

// Only of flows that are still there: one that was purged meanwhile must not cost the others their counts. The higher count
// is the later one.
const text = `
insert into accepted_calls (flow_id, hour, instance_id, workspace_id, calls)
select t.flow_id, to_timestamp(t.hour_ms / 1000), $1, t.workspace_id, t.calls
from unnest($2::uuid[], $3::float8[], $4::uuid[], $5::bigint[]) as t (flow_id, hour_ms, workspace_id, calls)
join flow f on f.id = t.flow_id and f.workspace_id = t.workspace_id
on conflict (flow_id, hour, instance_id) do update set calls = greatest(accepted_calls.calls, excluded.calls)`;

/** Writes what an instance has counted. Safe to repeat: counts are whole, not what was added. */
export async function writeAcceptedCalls(
  database: Database,
  instanceId: string,
  counts: readonly AcceptedCount[],
): Promise<void> {
  await database.hot({
    name: 'write-accepted-calls',
    text,
    values: [
      instanceId,
      counts.map((count) => count.flowId),
      counts.map((count) => count.hourMs),
      counts.map((count) => count.workspaceId),
      counts.map((count) => count.calls),
    ],
  });
}

/**
 * Removes the counts of hours whose runs their workspace does not keep any more, `limit` at the most, and resolves how many.
 * They go before the runs do, so that no hour ever looks as if runs of it were lost. Safe to repeat.
 */
export async function removeOldAcceptedCalls(database: Database, limit: number): Promise<number> {
  const [row] = await database.hot<{ removed: number }>({
    name: 'remove-old-accepted-calls',
    text: `
with old as (
  select a.flow_id, a.hour, a.instance_id from accepted_calls a join workspace w on w.id = a.workspace_id
  where a.hour < now() - make_interval(days => w.retention_days)
  limit $1 for update of a skip locked
), gone as (
  delete from accepted_calls a using old
  where a.flow_id = old.flow_id and a.hour = old.hour and a.instance_id = old.instance_id
  returning 1
)
select count(*)::int as removed from gone`,
    values: [limit],
  });
  return row?.removed ?? 0;
}
