import type { FlowId, FlowVersionId, Json, RunId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { FlowStatus } from '../entities/flow.entity.js';

/** When a flow is polled, and what its trigger keeps. */
export interface ScheduleRow {
  flowId: FlowId;
  flowStatus: FlowStatus;
  versionId: FlowVersionId;
  /** `null` while the flow is stopped. */
  dueAt: Date | null;
  snapshot: Json;
  snapshotAt: Date | null;
  /** When the last poll began. */
  lastAt: Date | null;
  /** `null` when the last poll found nothing: it left no run. */
  lastRunId: RunId | null;
  lastStatus: 'running' | 'succeeded' | 'failed' | 'cancelled' | null;
  lastOutputs: number | null;
}

/** What publishing a polling trigger makes of the schedule of its flow. */
export interface PublishedSchedule {
  flowId: FlowId;
  versionId: FlowVersionId;
  /** Component and operation. With another one the snapshot goes. */
  triggerOperation: string;
  /** `null` while the flow does not run, `'kept'` for the time that it has. */
  dueAt: Date | null | 'kept';
}

export interface ScheduleRepository {
  /** The time of Postgres, which all schedules go by. */
  now(): Promise<Date>;
  find(workspaceId: WorkspaceId, flowId: FlowId): Promise<ScheduleRow | undefined>;
  publish(workspaceId: WorkspaceId, schedule: PublishedSchedule): Promise<void>;
  setDueAt(workspaceId: WorkspaceId, flowId: FlowId, dueAt: Date | null): Promise<void>;
  /** The next poll begins anew; what a poll under way saves is not kept. Resolves false when there is no schedule. */
  forgetSnapshot(workspaceId: WorkspaceId, flowId: FlowId): Promise<boolean>;
  remove(workspaceId: WorkspaceId, flowId: FlowId): Promise<void>;
}

const findText = `
select s.flow_id as "flowId", f.status as "flowStatus", s.version_id as "versionId", s.due_at as "dueAt", s.snapshot,
       s.snapshot_at as "snapshotAt", s.last_at as "lastAt", s.last_run_id as "lastRunId",
       case when s.last_status = 'running' and r.finished_at is not null then r.status else s.last_status end as "lastStatus",
       s.last_outputs as "lastOutputs"
from schedule s join flow f on f.id = s.flow_id left join run r on r.id = s.last_run_id
where s.workspace_id = $1 and s.flow_id = $2 and f.deleted_at is null`;

// The snapshot of another trigger is of no use, nor what a poll of that one may still save.
const publishText = `
insert into schedule (workspace_id, flow_id, version_id, trigger_operation, due_at) values ($1, $2, $3, $4, $5)
on conflict (flow_id) do update
set version_id = excluded.version_id, trigger_operation = excluded.trigger_operation,
    due_at = case when $6 then schedule.due_at else excluded.due_at end,
    snapshot = case when schedule.trigger_operation = excluded.trigger_operation then schedule.snapshot end,
    snapshot_at = case when schedule.trigger_operation = excluded.trigger_operation then schedule.snapshot_at end,
    saves_snapshot = schedule.saves_snapshot and schedule.trigger_operation = excluded.trigger_operation
where schedule.workspace_id = excluded.workspace_id`;

/** Schedules of the flows of a workspace. Give the manager of the transaction that changes the flow. */
export function scheduleRepository(manager: EntityManager): ScheduleRepository {
  return {
    async now() {
      const [row] = await manager.query<{ now: Date }[]>('select now() as now');
      if (!row) throw new Error('Postgres did not tell the time');
      return row.now;
    },

    async find(workspaceId, flowId) {
      return (await manager.query<ScheduleRow[]>(findText, [workspaceId, flowId]))[0];
    },

    async publish(workspaceId, { flowId, versionId, triggerOperation, dueAt }) {
      const kept = dueAt === 'kept';
      const values = [workspaceId, flowId, versionId, triggerOperation, kept ? null : dueAt, kept];
      await manager.query(publishText, values);
    },

    async setDueAt(workspaceId, flowId, dueAt) {
      const text = 'update schedule set due_at = $3 where workspace_id = $1 and flow_id = $2';
      await manager.query(text, [workspaceId, flowId, dueAt]);
    },

    async forgetSnapshot(workspaceId, flowId) {
      const text = `
update schedule set snapshot = null, snapshot_at = null, saves_snapshot = false
where workspace_id = $1 and flow_id = $2 returning flow_id`;
      const [rows] = await manager.query<[unknown[], number]>(text, [workspaceId, flowId]);
      return rows.length > 0;
    },

    async remove(workspaceId, flowId) {
      await manager.query('delete from schedule where workspace_id = $1 and flow_id = $2', [workspaceId, flowId]);
    },
  };
}
