/*
 * The queue of one flow. Everything that decides who may begin holds the lock of that queue, in a transaction of its own:
 * the releasers of all orchestrators, and the control plane. New runs come in without it, as `arrived` or `queued`.
 */
import type { FlowId, FlowVersionId, RunId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { FlowStatus } from '../entities/flow.entity.js';

const lockKey = `hashtextextended('millrace.queue ' || $1::text, 0)`;

/** Takes the lock of a queue until the transaction ends. Resolves false when somebody else has it. */
export async function tryQueueLock(manager: EntityManager, flowId: FlowId): Promise<boolean> {
  const [row] = await manager.query<{ locked: boolean }[]>(`select pg_try_advisory_xact_lock(${lockKey}) as locked`, [
    flowId,
  ]);
  return row?.locked ?? false;
}

/** As `tryQueueLock`, and waits for it. */
export async function waitForQueueLock(manager: EntityManager, flowId: FlowId): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(${lockKey})`, [flowId]);
}

export interface QueueState {
  status: FlowStatus;
  deleted: boolean;
  publishedVersionId: FlowVersionId | null;
  /** Runs before this id had queued up when the flow was resumed. */
  drainBefore: RunId | null;
  /** How many of these begin in a second; `null` for what the version says. */
  runsPerSecond: number | null;
}

const stateText = `
select f.status, f.deleted_at is not null as deleted, f.published_version_id as "publishedVersionId",
       q.drain_before as "drainBefore", q.runs_per_second as "runsPerSecond"
from flow f left join flow_queue q on q.flow_id = f.id
where f.id = $1 for share of f`;

/**
 * What decides about a queue besides its runs; `undefined` when there is no such flow. Nobody changes the flow until the
 * transaction ends: one that is paused meanwhile is paused after all that this transaction begins.
 */
export async function readQueueState(manager: EntityManager, flowId: FlowId): Promise<QueueState | undefined> {
  return (await manager.query<QueueState[]>(stateText, [flowId]))[0];
}
