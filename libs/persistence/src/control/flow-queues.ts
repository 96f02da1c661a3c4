import type { FlowId, RunId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import { cancelHeldRuns } from '../sql/queue-begin.js';
import { comeForward } from '../sql/queue-keys.js';
import { waitForQueueLock } from '../sql/queue-lock.js';

/** A key of which no run may begin, because one of it failed. */
export interface HeldKey {
  key: Buffer;
  /** The run that failed. */
  runId: RunId;
  /** Runs of the key that wait. */
  waiting: number;
}

export interface FlowQueueRow {
  /** Runs that wait. */
  queued: number;
  /** Of these, such that wait for an earlier run of their key. */
  behind: number;
  /** Runs that have begun and have a place until they end. */
  begun: number;
  oldestRunId: RunId | null;
  /** How fast those begin that had queued up when the flow was last resumed; `null` for what its version says. */
  runsPerSecond: number | null;
  heldKeys: number;
}

const count = (flow: string, where: string): string =>
  `(select count(*)::int from held_run h where h.flow_id = ${flow} and ${where})`;

/** SQL for the number of runs of a flow that wait. In two parts, each of which an index counts. */
export const queuedRunsOf = (flow: string): string =>
  `${count(flow, `h.state in ('arrived', 'queued')`)} + ${count(flow, `h.state = 'behind' and h.order_key is not null`)}`;

const queueText = `
select ${queuedRunsOf('f.id')} as queued,
       ${count('f.id', `h.state = 'behind' and h.order_key is not null`)} as behind,
       (select count(*)::int from held_run h join run r on r.id = h.run_id
        where h.flow_id = f.id and h.state = 'begun' and r.finished_at is null) as begun,
       (select h.run_id from held_run h where h.flow_id = f.id and h.state in ('arrived', 'behind', 'queued')
        order by h.flow_id, h.run_id limit 1) as "oldestRunId",
       q.runs_per_second as "runsPerSecond",
       ${count('f.id', `h.state = 'failed'`)} as "heldKeys"
from flow f left join flow_queue q on q.flow_id = f.id
where f.workspace_id = $1 and f.id = $2 and f.deleted_at is null`;

const keysText = `
select h.order_key as key, h.run_id as "runId",
       (select count(*)::int from held_run w where w.flow_id = h.flow_id and w.order_key = h.order_key
        and w.state in ('arrived', 'behind', 'queued')) as waiting
from held_run h
where h.workspace_id = $1 and h.flow_id = $2 and h.state = 'failed'
order by h.run_id limit $3`;

export interface FlowQueueRepository {
  read(workspaceId: WorkspaceId, flowId: FlowId): Promise<FlowQueueRow | undefined>;
  /** The keys that a failed run keeps, the longest first. */
  heldKeys(workspaceId: WorkspaceId, flowId: FlowId, limit: number): Promise<HeldKey[]>;
  /** Whether the runs of the flow's requests are held from now on. */
  hold(workspaceId: WorkspaceId, flowId: FlowId, holds: boolean): Promise<void>;
  /** Lets what has queued up by now begin, at a rate of its own or at that of the version. */
  drain(workspaceId: WorkspaceId, flowId: FlowId, runsPerSecond: number | null): Promise<void>;
  /** Lets the runs of a key go on though one of it failed. Resolves false when no failed run keeps it. In a transaction. */
  releaseKey(workspaceId: WorkspaceId, flowId: FlowId, key: Buffer): Promise<boolean>;
  /** Cancels runs that wait, the latest first. Resolves how many, and whether there may be more. In a transaction. */
  cancel(workspaceId: WorkspaceId, flowId: FlowId, limit: number): Promise<{ cancelled: number; more: boolean }>;
}

/** The queues of the flows of a workspace. */
export function flowQueueRepository(manager: EntityManager): FlowQueueRepository {
  const owns = async (workspaceId: WorkspaceId, flowId: FlowId): Promise<boolean> => {
    const text = 'select 1 from flow where workspace_id = $1 and id = $2';
    return (await manager.query<unknown[]>(text, [workspaceId, flowId])).length === 1;
  };
  return {
    async read(workspaceId, flowId) {
      return (await manager.query<FlowQueueRow[]>(queueText, [workspaceId, flowId]))[0];
    },

    heldKeys: (workspaceId, flowId, limit) => manager.query<HeldKey[]>(keysText, [workspaceId, flowId, limit]),

    async hold(workspaceId, flowId, holds) {
      await manager.query('update flow set holds_runs = $3 where workspace_id = $1 and id = $2', [
        workspaceId,
        flowId,
        holds,
      ]);
    },

    async drain(workspaceId, flowId, runsPerSecond) {
      await manager.query(
        `insert into flow_queue (flow_id, drain_before, runs_per_second)
         select id, first_id_at(clock_timestamp()), $3 from flow where workspace_id = $1 and id = $2
         on conflict (flow_id) do update
         set drain_before = excluded.drain_before, runs_per_second = excluded.runs_per_second, tokens = 0, refilled_at = now()`,
        [workspaceId, flowId, runsPerSecond],
      );
    },

    async releaseKey(workspaceId, flowId, key) {
      await waitForQueueLock(manager, flowId);
      const [, released] = await manager.query<[unknown[], number]>(
        `delete from held_run where workspace_id = $1 and flow_id = $2 and order_key = $3 and state = 'failed'`,
        [workspaceId, flowId, key],
      );
      if (released === 0) return false;
      await comeForward(manager, flowId, { arrived: [], keys: [key] });
      return true;
    },

    async cancel(workspaceId, flowId, limit) {
      if (!(await owns(workspaceId, flowId))) return { cancelled: 0, more: false };
      await waitForQueueLock(manager, flowId);
      const { taken, cancelled } = await cancelHeldRuns(manager, flowId, limit);
      return { cancelled, more: taken === limit };
    },
  };
}
