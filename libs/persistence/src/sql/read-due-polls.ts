import type { FlowId, FlowVersionId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A flow whose time to be polled has come. Times are milliseconds since the epoch. */
export interface DuePoll {
  flowId: FlowId;
  versionId: FlowVersionId;
  dueAt: number;
  /** By the clock of Postgres, which is one for all orchestrators. */
  now: number;
}

/**
 * A flow that does not run is not polled, whoever stopped or paused it. A poll under way has no end in its run yet, or its
 * trigger step would have freed the schedule; a run that was cancelled frees it by its end, one that is gone by that.
 */
export const mayPoll = `
  f.status = 'running' and f.deleted_at is null
  and not exists (select from run r where r.id = s.polling_run_id and r.finished_at is null)`;

const text = `
select s.flow_id as "flowId", s.version_id as "versionId",
       (extract(epoch from date_trunc('milliseconds', s.due_at)) * 1000)::float8 as "dueAt",
       (extract(epoch from date_trunc('milliseconds', now())) * 1000)::float8 as now
from schedule s join flow f on f.id = s.flow_id
where s.due_at <= now() and ${mayPoll}
order by s.due_at limit $1`;

/** The polls that are due, the longest due first. Nothing is taken by that: `beginPolls` decides who begins them. */
export function readDuePolls(database: Database, limit: number): Promise<DuePoll[]> {
  return database.hot<DuePoll>({ name: 'read-due-polls', text, values: [limit] });
}

const putOffText = `
update schedule set due_at = date_trunc('milliseconds', now()) + make_interval(secs => $2 / 1000.0)
where flow_id = any ($1::uuid[]) and due_at <= now()`;

/** Puts off polls that cannot begin, so that they do not hold up those behind them. */
export async function putOffPolls(database: Database, flowIds: FlowId[], forMs: number): Promise<void> {
  await database.hot({ name: 'put-off-polls', text: putOffText, values: [flowIds, forMs] });
}
