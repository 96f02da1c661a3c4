import type { FlowVersionId, RunId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** A poll whose message the broker may not have. */
export interface UnsentPoll {
  runId: RunId;
  versionId: FlowVersionId;
}

// One whose run is gone, or has ended, needs no message any more.
const takeText = `
with unsent as (
  select flow_id from schedule where resend_at <= now() order by resend_at limit $1 for update skip locked
), taken as (
  update schedule s
  set resend_at = case when exists (select from run r where r.id = s.polling_run_id and r.finished_at is null)
                  then now() + make_interval(secs => $2 / 1000.0) end
  from unsent u where s.flow_id = u.flow_id
  returning s.polling_run_id
)
select r.id as "runId", r.version_id as "versionId"
from taken t join run r on r.id = t.polling_run_id and r.finished_at is null`;

/**
 * Takes polls that began a while ago and were not confirmed, as after a kill. Several orchestrators share them; a caller
 * that dies, too, loses nothing: they are given out again after `againInMs`.
 */
export function takeUnsentPolls(
  database: Database,
  options: { limit: number; againInMs: number },
): Promise<UnsentPoll[]> {
  const { limit, againInMs } = options;
  return database.hot<UnsentPoll>({ name: 'take-unsent-polls', text: takeText, values: [limit, againInMs] });
}

const confirmText = `update schedule set resend_at = null where polling_run_id = any ($1::uuid[]) and resend_at is not null`;

/** Notes that the broker has the messages of these polls. Safe to repeat. */
export async function confirmPolls(database: Database, runIds: RunId[]): Promise<void> {
  await database.hot({ name: 'confirm-polls', text: confirmText, values: [runIds] });
}

const keepText = `
update schedule set resend_at = now() + make_interval(secs => $2 / 1000.0)
where polling_run_id = any ($1::uuid[]) and resend_at is not null`;

/** Says that somebody is still about to send these polls: nobody else takes them for `againInMs` more. */
export async function keepPolls(database: Database, runIds: RunId[], againInMs: number): Promise<void> {
  await database.hot({ name: 'keep-polls', text: keepText, values: [runIds, againInMs] });
}
