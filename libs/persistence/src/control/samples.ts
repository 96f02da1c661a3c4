import type { FlowId, Json, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

export type SampleSource = 'manual' | 'retrieved' | 'generated' | 'captured';

/** An example of what a step puts out. */
export interface SampleRow {
  stepId: StepId;
  source: SampleSource;
  output: Json;
  /** The request it was captured from. */
  requestId: RunId | null;
  updatedAt: Date;
}

export interface ListedSampleRow extends SampleRow {
  /** The output was left out for its size. */
  outputElided: boolean;
}

export interface NewSample {
  flowId: FlowId;
  stepId: StepId;
  source: Exclude<SampleSource, 'captured'>;
  /** JSON text. */
  output: string;
}

/** A sample as JSON may have so many bytes. */
export const maxSampleBytes = 1_000_000;

/** For how long the next request to a flow may become a sample. */
export const captureMinutes = 10;

export interface SampleRepository {
  /** The sample of a step; `undefined` when it has none. */
  find(workspaceId: WorkspaceId, flowId: FlowId, stepId: StepId): Promise<SampleRow | undefined>;
  /** The samples of a flow by step; outputs are left out as soon as they would sum up to more than `maxBytes`. */
  list(workspaceId: WorkspaceId, flowId: FlowId, maxBytes: number): Promise<ListedSampleRow[]>;
  /**
   * Keeps a sample in place of the one before, and ends a capture for the same step, which would replace it again.
   * Resolves `undefined` when the workspace has no such flow.
   */
  keep(workspaceId: WorkspaceId, sample: NewSample): Promise<SampleRow | undefined>;
  /** Gives a flow the samples of another; both are of the workspace. */
  copy(workspaceId: WorkspaceId, from: FlowId, to: FlowId): Promise<void>;
  /** Removes the sample of a step and ends a capture for it. Resolves false when there was neither. */
  remove(workspaceId: WorkspaceId, flowId: FlowId, stepId: StepId): Promise<boolean>;
  /**
   * From now on, for ten minutes, the next request to the flow becomes the sample of the step; takes the place of an
   * earlier capture. Resolves when it ends; `undefined` when the workspace has no such flow.
   */
  arm(workspaceId: WorkspaceId, flowId: FlowId, stepId: StepId): Promise<Date | undefined>;
  /** Until when the step waits for a request to capture; `undefined` when it does not. */
  armedUntil(workspaceId: WorkspaceId, flowId: FlowId, stepId: StepId): Promise<Date | undefined>;
  /** Ends the capture of a flow, if there is one. */
  disarm(workspaceId: WorkspaceId, flowId: FlowId): Promise<void>;
}

const columns = `step_id as "stepId", source, output, request_id as "requestId", updated_at as "updatedAt"`;

// The flow is looked up with its workspace in the statement that writes, so nothing is written for a foreign or a deleted
// one. Which capture is open is told by the clock of the database, as it is where a request takes one.
const texts = {
  find: `select ${columns} from sample where workspace_id = $1 and flow_id = $2 and step_id = $3`,
  list: `
select step_id as "stepId", source, request_id as "requestId", updated_at as "updatedAt", not fits as "outputElided",
       case when fits then output end as output
from (
  select *, sum(octet_length(output::text)) over (order by length(step_id), step_id) <= $3 as fits
  from sample where workspace_id = $1 and flow_id = $2
) sized
order by length(step_id), step_id`,
  copy: `
insert into sample (flow_id, step_id, workspace_id, source, output, request_id, updated_at)
select $3, step_id, workspace_id, source, output, request_id, updated_at
from sample where workspace_id = $1 and flow_id = $2`,
  keep: `
with owner as (
  select id, workspace_id from flow where workspace_id = $1 and id = $2 and deleted_at is null
), disarmed as (
  delete from sample_capture c using owner where c.flow_id = owner.id and c.step_id = $3
)
insert into sample (flow_id, step_id, workspace_id, source, output)
select id, $3, workspace_id, $4, $5::json from owner
on conflict (flow_id, step_id) do update
set source = excluded.source, output = excluded.output, request_id = null, updated_at = now()
returning ${columns}`,
  remove: `
with disarmed as (
  delete from sample_capture where workspace_id = $1 and flow_id = $2 and step_id = $3 and expires_at > now()
  returning 1
), removed as (
  delete from sample where workspace_id = $1 and flow_id = $2 and step_id = $3 returning 1
)
select 1 from disarmed union all select 1 from removed`,
  arm: `
insert into sample_capture (flow_id, step_id, workspace_id, expires_at)
select id, $3, workspace_id, now() + make_interval(mins => $4)
from flow where workspace_id = $1 and id = $2 and deleted_at is null
on conflict (flow_id) do update set step_id = excluded.step_id, expires_at = excluded.expires_at
returning expires_at as "expiresAt"`,
  armedUntil: `
select expires_at as "expiresAt" from sample_capture
where workspace_id = $1 and flow_id = $2 and step_id = $3 and expires_at > now()`,
  disarm: `delete from sample_capture where workspace_id = $1 and flow_id = $2`,
  removeExpired: `delete from sample_capture where expires_at < now()`,
};

/** Samples of the flows of a workspace. Give the manager of a transaction to work inside it. */
export function sampleRepository(manager: EntityManager): SampleRepository {
  return {
    async find(workspaceId, flowId, stepId) {
      return (await manager.query<SampleRow[]>(texts.find, [workspaceId, flowId, stepId]))[0];
    },

    list: (workspaceId, flowId, maxBytes) =>
      manager.query<ListedSampleRow[]>(texts.list, [workspaceId, flowId, maxBytes]),

    async keep(workspaceId, { flowId, stepId, source, output }) {
      return (await manager.query<SampleRow[]>(texts.keep, [workspaceId, flowId, stepId, source, output]))[0];
    },

    async copy(workspaceId, from, to) {
      await manager.query(texts.copy, [workspaceId, from, to]);
    },

    async remove(workspaceId, flowId, stepId) {
      return (await manager.query<unknown[]>(texts.remove, [workspaceId, flowId, stepId])).length > 0;
    },

    async arm(workspaceId, flowId, stepId) {
      const values = [workspaceId, flowId, stepId, captureMinutes];
      return (await manager.query<{ expiresAt: Date }[]>(texts.arm, values))[0]?.expiresAt;
    },

    async armedUntil(workspaceId, flowId, stepId) {
      const values = [workspaceId, flowId, stepId];
      return (await manager.query<{ expiresAt: Date }[]>(texts.armedUntil, values))[0]?.expiresAt;
    },

    async disarm(workspaceId, flowId) {
      await manager.query(texts.disarm, [workspaceId, flowId]);
    },
  };
}

/** Removes captures that no request came for. */
export async function removeExpiredCaptures(manager: EntityManager): Promise<void> {
  await manager.query(texts.removeExpired);
}
