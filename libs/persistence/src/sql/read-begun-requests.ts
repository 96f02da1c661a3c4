import type { RunId } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { KeptRequest } from './read-request.js';

/** The requests of those runs that are running. */
export function readBegunRequests(database: Database, runIds: RunId[]): Promise<(KeptRequest & { runId: RunId })[]> {
  return database.hot<KeptRequest & { runId: RunId }>({
    name: 'read-begun-requests',
    text: `select r.id as "runId", r.request, r.body from unnest($1::uuid[]) as t (id) join run r on r.id = t.id
           where r.status = 'running'`,
    values: [runIds],
  });
}
