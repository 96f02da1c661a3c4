import type { HookRequest, RunId } from '@millrace/contracts';
import type { Database } from '../database.js';

/** The webhook request that caused a run, as it is kept. */
export interface KeptRequest {
  request: HookRequest;
  body: Buffer;
}

/** The request of a run; `undefined` when there is no such run. */
export async function readRequest(database: Database, runId: RunId): Promise<KeptRequest | undefined> {
  const rows = await database.hot<KeptRequest>({
    name: 'read-request',
    text: 'select request, body from run where id = $1',
    values: [runId],
  });
  return rows[0];
}
