import { queues, type FlowId, type WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

/** The requests of one flow that came in one hour, by what became of them. */
export interface LedgerRow {
  flowId: FlowId;
  hour: Date;
  /** Counted by webhooks-service as it accepted them, independently of what is written below. */
  accepted: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  duplicate: number;
  queued: number;
  running: number;
  waiting: number;
  /** Parked before a run of them could begin. */
  parked: number;
}

export interface LedgerSpan {
  /** The beginning of an hour. */
  from: Date;
  /** The beginning of the hour that is not in it any more. */
  to: Date;
  flowId?: FlowId | undefined;
}

// An hour is a range of ids, so each is counted by itself and no time is worked out for a row. What parked messages say is
// read from their text: reading a field of a json value fails where any text in it holds \u0000. A trigger that was parked
// after its run had been written counts as the run.
const text = `
with hours as (
  select hour, first_id_at(hour) as first_id, first_id_at(hour + interval '1 hour') as next_id
  from generate_series($2::timestamptz, $3::timestamptz - interval '1 hour', interval '1 hour') as hour
), counted as (
  select flow_id, hour, sum(calls) as accepted
  from accepted_calls
  where workspace_id = $1 and hour >= $2 and hour < $3 and ($4::uuid is null or flow_id = $4)
  group by flow_id, hour
), runs as (
  select h.hour, r.*
  from hours h, lateral (
    select flow_id,
           count(*) filter (where status = 'succeeded') as succeeded, count(*) filter (where status = 'failed') as failed,
           count(*) filter (where status = 'cancelled') as cancelled, count(*) filter (where status = 'duplicate') as duplicate,
           count(*) filter (where status = 'queued') as queued, count(*) filter (where status = 'running') as running,
           count(*) filter (where status = 'waiting') as waiting
    from run
    where workspace_id = $1 and id >= h.first_id and id < h.next_id and ($4::uuid is null or flow_id = $4)
    group by flow_id
  ) r
), triggers as (
  select distinct message_id::uuid as id, substring(headers::text from $6)::uuid as flow_id
  from parked_message
  where queue = $5 and message_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and headers::text ~ $6
), parked as (
  select t.flow_id, h.hour, count(*) as parked
  from triggers t
  join hours h on t.id >= h.first_id and t.id < h.next_id
  join flow f on f.id = t.flow_id and f.workspace_id = $1
  where ($4::uuid is null or t.flow_id = $4) and not exists (select 1 from run where run.id = t.id)
  group by t.flow_id, h.hour
)
select flow_id as "flowId", hour, coalesce(accepted, 0)::float8 as accepted,
       coalesce(succeeded, 0)::float8 as succeeded, coalesce(failed, 0)::float8 as failed,
       coalesce(cancelled, 0)::float8 as cancelled, coalesce(duplicate, 0)::float8 as duplicate,
       coalesce(queued, 0)::float8 as queued, coalesce(running, 0)::float8 as running,
       coalesce(waiting, 0)::float8 as waiting, coalesce(parked, 0)::float8 as parked
from runs full join counted using (flow_id, hour) full join parked using (flow_id, hour)
order by hour desc, flow_id`;

/** What precedes the id of the flow in the headers of a trigger: JSON within JSON. */
export const parkedFlowPattern = String.raw`"trigger":"\{\\"flowId\\":\\"([0-9a-f-]{36})\\"`;

/** The ledger of a workspace, newest hour first; only flows and hours in which there was anything. */
export function readLedger(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { from, to, flowId }: LedgerSpan,
): Promise<LedgerRow[]> {
  return manager.query<LedgerRow[]>(text, [workspaceId, from, to, flowId ?? null, queues.triggers, parkedFlowPattern]);
}
