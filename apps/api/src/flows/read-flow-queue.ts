import { millisOf, type FlowId, type WorkspaceId } from '@millrace/contracts';
import { flowQueueRepository, flowRepository, flowVersionRepository, type Database } from '@millrace/persistence';
import type { FlowQueue } from './flow-queue-schemas.js';

const shownKeys = 100;

/** The queue of a flow as answers show it; `undefined` when there is no such flow. */
export async function readFlowQueue(
  { database }: { database: Database },
  workspaceId: WorkspaceId,
  flowId: FlowId,
): Promise<FlowQueue | undefined> {
  const { manager } = database.dataSource;
  const queues = flowQueueRepository(manager);
  const [flow, row, keys] = await Promise.all([
    flowRepository(manager).find(workspaceId, flowId),
    queues.read(workspaceId, flowId),
    queues.heldKeys(workspaceId, flowId, shownKeys),
  ]);
  if (!flow || !row) return undefined;
  const { publishedVersionId } = flow;
  const version = publishedVersionId && (await flowVersionRepository(manager).find(workspaceId, publishedVersionId));
  const settings = version ? version.definition.settings : undefined;
  const { oldestRunId } = row;
  return {
    flowId,
    status: flow.status,
    queued: row.queued,
    behind: row.behind,
    begun: row.begun,
    concurrency: settings?.concurrency ?? null,
    oldest: oldestRunId && { runId: oldestRunId, acceptedAt: new Date(millisOf(oldestRunId)).toISOString() },
    resumedPerSecond: row.runsPerSecond ?? settings?.resumePerSecond ?? null,
    keys: keys.map(({ key, runId, waiting }) => ({
      key: key.toString('hex'),
      state: settings?.order?.onFailure === 'park' ? 'parked' : 'blocked',
      runId,
      waiting,
    })),
    keysLeftOut: row.heldKeys - keys.length,
  };
}
