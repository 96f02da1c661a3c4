import { encodeTriggerMessage, newId, queues, type RunId, type WorkspaceId } from '@millrace/contracts';
import { findRunOrigin } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';

export interface ReplayOrder {
  runId: RunId;
  /** `current`: the version that is published now; `same`: the one that the run had. */
  version: 'same' | 'current';
  /** The id of the new run; one who gives the same again makes no second one. */
  replayId?: RunId | undefined;
  /** Done before anything is sent; where it fails, nothing is. */
  before?: (replayId: RunId) => Promise<void>;
}

export type Replay =
  | { outcome: 'replayed'; replayId: RunId }
  | { outcome: 'missing' | 'flowDeleted' | 'notPublished' }
  /** The broker may have it or not. */
  | { outcome: 'unconfirmed'; replayId: RunId };

/**
 * Sends the stored request of a run through the engine once more, as a run of its own. Nobody waits for its answer, and it is
 * never taken for a duplicate. Resolves `replayed` only once the broker holds the message on disk.
 */
export async function replayRun(
  deps: Pick<ApiDeps, 'database' | 'sendCopy'>,
  workspaceId: WorkspaceId,
  { runId, version, replayId = newId<RunId>(), before }: ReplayOrder,
): Promise<Replay> {
  const origin = await findRunOrigin(deps.database.dataSource.manager, workspaceId, runId);
  if (!origin) return { outcome: 'missing' };
  if (origin.flowDeleted) return { outcome: 'flowDeleted' };
  const versionId = version === 'same' ? origin.versionId : origin.publishedVersionId;
  if (!versionId) return { outcome: 'notPublished' };
  const { replyTo: _, ...request } = origin.request;
  const { messageId, headers, body } = encodeTriggerMessage({
    runId: replayId,
    workspaceId,
    flowId: origin.flowId,
    versionId,
    receivedAt: Date.now(),
    request,
    body: origin.body,
    replayOf: runId,
  });
  await before?.(replayId);
  const sent = await deps.sendCopy({ queue: queues.triggers, messageId, headers, body });
  return sent === 'confirmed' ? { outcome: 'replayed', replayId } : { outcome: 'unconfirmed', replayId };
}
