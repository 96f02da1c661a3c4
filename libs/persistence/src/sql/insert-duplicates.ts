import type { RunId } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { NewRun } from './insert-runs.js';

/** A run that does not run: the request had come before, with another id. */
export interface DuplicateRun extends Omit<NewRun, 'triggerStepId' | 'dueInMs' | 'replayOf'> {
  /** The run that came first. */
  duplicateOf: RunId;
}

const text = `
insert into run (id, workspace_id, flow_id, version_id, status, open_steps, started_at, finished_at, request, body,
                 duplicate_of)
select id, workspace_id, flow_id, version_id, 'duplicate', 0, to_timestamp(received_at / 1000), now(), request, body,
       duplicate_of
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::float8[], $6::json[], $7::bytea[], $8::uuid[])
  as t (id, workspace_id, flow_id, version_id, received_at, request, body, duplicate_of)
on conflict do nothing
returning id`;

/**
 * Writes runs that have ended before they began: they have no step run, so nothing ever dispatches them. Resolves the
 * ids that were new; the others stay what they are. Safe to repeat.
 */
export async function insertDuplicates(database: Database, runs: DuplicateRun[]): Promise<Set<RunId>> {
  const rows = await database.hot<{ id: RunId }>({
    name: 'insert-duplicates',
    text,
    values: [
      runs.map((run) => run.id),
      runs.map((run) => run.workspaceId),
      runs.map((run) => run.flowId),
      runs.map((run) => run.versionId),
      runs.map((run) => run.receivedAt),
      runs.map((run) => run.request),
      runs.map((run) => run.body),
      runs.map((run) => run.duplicateOf),
    ],
  });
  return new Set(rows.map((row) => row.id));
}
