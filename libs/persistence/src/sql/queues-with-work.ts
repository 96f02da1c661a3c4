import type { FlowId } from '@millrace/contracts';
import type { Database } from '../database.js';

const holdingText = 'select id from flow where holds_runs';

/** The flows whose requests are held: those that are paused, and those that were paused when they were stopped. */
export async function readHoldingFlows(database: Database): Promise<Set<FlowId>> {
  const rows = await database.hot<{ id: FlowId }>({ name: 'read-holding-flows', text: holdingText, values: [] });
  return new Set(rows.map(({ id }) => id));
}

// From one flow to the next through the index: a flow with a hundred thousand runs costs no more than one with a single run.
const next = (states: string, after: string): string =>
  `select flow_id from held_run where state in (${states})${after} order by flow_id limit 1`;

const flowsWith = (states: string): string => `
with recursive found as (
  (${next(states, '')})
  union all
  select (${next(states, ' and flow_id > f.flow_id')}) from found f where f.flow_id is not null
)`;

const waitingText = `${flowsWith(`'arrived', 'queued'`)}
select q.flow_id as "flowId" from found q left join flow f on f.id = q.flow_id
where q.flow_id is not null and (f.id is null or f.deleted_at is not null or f.status = 'running')`;

/** The flows of which runs may begin, or are to be cancelled because the flow is gone. */
export async function findWaitingQueues(database: Database): Promise<FlowId[]> {
  const rows = await database.hot<{ flowId: FlowId }>({ name: 'find-waiting-queues', text: waitingText, values: [] });
  return rows.map(({ flowId }) => flowId);
}

// What becomes of the key of a failed run, by the settings that hold now; null where all keys of the flow become free.
const onFailureOf = (flowId: string): string => `(
  select v.definition -> 'settings' -> 'order' ->> 'onFailure'
  from flow f join flow_version v on v.id = f.published_version_id
  where f.id = ${flowId} and f.deleted_at is null
)`;

const endedText = `
select distinct h.flow_id as "flowId" from held_run h
left join run r on r.id = h.run_id
where h.state in ('begun', 'failed')
  and (r.id is null or (h.state = 'begun' and r.finished_at is not null) or r.status in ('succeeded', 'cancelled'))
  and (h.state = 'begun' or ${onFailureOf('h.flow_id')} is distinct from 'park')`;

/**
 * The flows with a place or a key of a run that needs it no longer, whoever has ended it; keys that only a person releases are
 * none of these. Reads every run that has one.
 */
export async function findEndedQueues(database: Database): Promise<FlowId[]> {
  const rows = await database.hot<{ flowId: FlowId }>({ name: 'find-ended-queues', text: endedText, values: [] });
  return rows.map(({ flowId }) => flowId);
}

const failedText = `${flowsWith(`'failed'`)}
select flow_id as "flowId" from found where flow_id is not null`;

/** The flows with a key that a failed run keeps. */
export async function findFailedQueues(database: Database): Promise<FlowId[]> {
  const rows = await database.hot<{ flowId: FlowId }>({ name: 'find-failed-queues', text: failedText, values: [] });
  return rows.map(({ flowId }) => flowId);
}
