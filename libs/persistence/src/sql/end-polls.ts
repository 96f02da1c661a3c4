import type { FlowId, RunId, StepId } from '@millrace/contracts';
import type { Database } from '../database.js';
import { firstFreeParameter as first, type AlsoWritten } from './settle-steps.js';

/** What a poll leaves to its schedule besides its outputs. */
export interface PollEnd {
  flowId: FlowId;
  /** JSON text; `undefined` when the poll saved none, so that the one before stays. */
  snapshot: string | undefined;
}

const freed = `
polling_run_id = null, resend_at = null,
snapshot = case when p.saves and s.saves_snapshot then p.snapshot else s.snapshot end,
snapshot_at = case when p.saves and s.saves_snapshot then now() else s.snapshot_at end`;

const polled = `polled as (
  update schedule s set ${freed}, last_status = w.status, last_outputs = w.output_count
  from unnest($${first}::int[], $${first + 1}::uuid[], $${first + 2}::boolean[], $${first + 3}::json[]) as p (position, flow_id, saves, snapshot)
  join (select won.position, won.run_id, won.status, t.output_count from won join settled t on t.position = won.position) w
    on w.position = p.position
  where s.flow_id = p.flow_id and s.polling_run_id = w.run_id
)`;

/**
 * What the settlements of trigger steps that polled write besides, one end for each settlement in their order: the outputs
 * of a poll and its snapshot stand or fall together, and so does that another poll may begin. A late copy of an earlier
 * poll changes nothing.
 */
export function endsOfPolls(ends: PollEnd[]): AlsoWritten {
  return {
    name: 'settle-polls',
    text: polled,
    values: [
      ends.map((_, position) => position),
      ends.map((end) => end.flowId),
      ends.map((end) => end.snapshot !== undefined),
      ends.map((end) => end.snapshot ?? null),
    ],
  };
}

/** A poll that found nothing and has nothing to tell. */
export interface EmptyPoll extends PollEnd {
  runId: RunId;
  triggerStepId: StepId;
  attempt: number;
}

// Only of polls that the schedule began: a run that someone asked for stays, whatever it found.
const emptyText = `
with p as (
  select * from unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::boolean[], $6::json[])
    as t (run_id, step_id, attempt, flow_id, saves, snapshot)
), gone as (
  delete from step_run r using p join schedule s on s.flow_id = p.flow_id and s.polling_run_id = p.run_id
  where r.run_id = p.run_id and r.step_id = p.step_id and r.path = ''
    and r.status = 'running' and r.attempt = p.attempt
  returning r.run_id
), removed as (
  delete from run r using gone g where r.id = g.run_id
), freed as (
  update schedule s set ${freed}, last_status = 'succeeded', last_outputs = 0, last_run_id = null
  from p join gone g on g.run_id = p.run_id
  where s.flow_id = p.flow_id and s.polling_run_id = p.run_id
)
select run_id as "runId" from gone`;

/**
 * Ends polls that found nothing: their runs go, their snapshots stay, in one transaction. Resolves the runs that went; the
 * others had been settled before, are unknown, or were not begun by the schedule. Safe to repeat.
 */
export async function endEmptyPolls(database: Database, polls: EmptyPoll[]): Promise<Set<RunId>> {
  const rows = await database.hot<{ runId: RunId }>({
    name: 'end-empty-polls',
    text: emptyText,
    values: [
      polls.map((poll) => poll.runId),
      polls.map((poll) => poll.triggerStepId),
      polls.map((poll) => poll.attempt),
      polls.map((poll) => poll.flowId),
      polls.map((poll) => poll.snapshot !== undefined),
      polls.map((poll) => poll.snapshot ?? null),
    ],
  });
  return new Set(rows.map(({ runId }) => runId));
}
