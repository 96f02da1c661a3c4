import { isReplyQueue, type ReplyMessage, type RunId, type WorkspaceId } from '@millrace/contracts';
import { readRunEnds, type CancelledRun } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';

/** Sends an answer to the instance of webhooks-service that holds the caller. Never rejects: it is worth nothing later. */
export type SendAnswer = (queue: string, message: ReplyMessage) => Promise<void>;

/**
 * Tells the caller of a webhook URL, if one waits, that the run was cancelled. One whose reply step had run gets that
 * reply and nothing else. Call it when no step run of the run is open any more.
 */
export async function answerCancelled(
  deps: Pick<ApiDeps, 'database' | 'plans' | 'sendAnswer'>,
  workspaceId: WorkspaceId,
  { runId, versionId, request: { replyTo } }: CancelledRun & { runId: RunId },
): Promise<void> {
  if (replyTo === undefined || !isReplyQueue(replyTo)) return;
  const version = await deps.plans.find(workspaceId, versionId);
  const [end] = await readRunEnds(deps.database, new Map([[runId, version?.plan.replySteps ?? []]]));
  if (end && !end.replied) await deps.sendAnswer(replyTo, { kind: 'ended', runId, status: end.status });
}
