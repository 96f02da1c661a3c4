import { pollRequest, type FlowId, type FlowVersionId, type RunId, type StepId } from '@millrace/contracts';
import type { Database } from '../database.js';
import { mayPoll } from './read-due-polls.js';

/** A poll that shall begin if it is still due at that time. Times are milliseconds since the epoch. */
export interface PlannedPoll {
  flowId: FlowId;
  versionId: FlowVersionId;
  dueAt: number;
  nextAt: number;
  runId: RunId;
  triggerStepId: StepId;
  /** When the reconciler may send the trigger step again, in milliseconds from now. */
  dueInMs: number;
}

/** A poll that began now. */
export interface BegunPoll {
  runId: RunId;
  /** A `Poll` as JSON, which is the body of the run. */
  body: Buffer;
}

// `skip locked` lets several orchestrators share the work, and comparing the time lets each time be taken once: whoever
// comes second finds a later one. The run holds the snapshot that it began with, so that each attempt gets the same.
const text = `
with planned as (
  select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::uuid[], $6::text[], $7::int[], $8::text[])
    as t (flow_id, version_id, due_at, next_at, run_id, step_id, due_in_ms, scheduled_at)
), taken as (
  select t.*, s.workspace_id,
         convert_to(json_build_object('scheduledAt', t.scheduled_at, 'snapshot', coalesce(s.snapshot, 'null'::json))::text, 'UTF8') as body
  from planned t
  join schedule s on s.flow_id = t.flow_id and s.version_id = t.version_id
    and date_trunc('milliseconds', s.due_at) = t.due_at
  join flow f on f.id = s.flow_id
  where ${mayPoll}
  for update of s skip locked
), moved as (
  update schedule s
  set due_at = t.next_at, polling_run_id = t.run_id, saves_snapshot = true,
      resend_at = now() + make_interval(secs => $9 / 1000.0),
      last_at = now(), last_run_id = t.run_id, last_status = 'running', last_outputs = null
  from taken t where s.flow_id = t.flow_id
), begun as (
  insert into run (id, workspace_id, flow_id, version_id, status, open_steps, request, body)
  select run_id, workspace_id, flow_id, version_id, 'running', 1, $10::json, body from taken
  on conflict do nothing
  returning id
), dispatched as (
  insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, due_at)
  select run_id, step_id, '', workspace_id, flow_id, version_id, 'running', now() + make_interval(secs => due_in_ms / 1000.0)
  from taken
  on conflict do nothing
)
select t.run_id as "runId", t.body from taken t join begun b on b.id = t.run_id`;

/**
 * Begins polls: moves their schedules on and writes the runs with their trigger steps, in one transaction. Resolves those
 * that began; the others were begun by someone else or may not begin any more. Until `confirmPolls`, `takeUnsentPolls` gives
 * out those whose message may not have been sent, from `resendInMs` on.
 */
export function beginPolls(database: Database, polls: PlannedPoll[], resendInMs: number): Promise<BegunPoll[]> {
  return database.hot<BegunPoll>({
    name: 'begin-polls',
    text,
    values: [
      polls.map((poll) => poll.flowId),
      polls.map((poll) => poll.versionId),
      polls.map((poll) => new Date(poll.dueAt)),
      polls.map((poll) => new Date(poll.nextAt)),
      polls.map((poll) => poll.runId),
      polls.map((poll) => poll.triggerStepId),
      polls.map((poll) => poll.dueInMs),
      polls.map((poll) => new Date(poll.dueAt).toISOString()),
      resendInMs,
      JSON.stringify(pollRequest),
    ],
  });
}
