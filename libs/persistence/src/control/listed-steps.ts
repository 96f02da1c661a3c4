import type { RunId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { StepRunRow } from './run-log.js';

/** What of the step runs of some runs a list shows. */
export interface ListedSteps {
  runIds: RunId[];
  /** Of each run the first so many. */
  maxStepsPerRun: number;
  /** Larger inputs, outputs, logs and lists of attempts are left out one by one. */
  maxPayloadBytes: number;
  /** Payloads are left out when those of the page would sum up to more; the newest runs come first. */
  maxPageBytes: number;
}

export interface ListedStepRow extends StepRunRow {
  logsElided: boolean;
  attemptsElided: boolean;
  /** How many step runs its run has, listed or not. */
  stepCount: number;
}

// The stored, compressed size is looked at first: it costs no read.
const bytesOf = (column: string) =>
  `case when ${column} is null then 0
        when pg_column_size(${column}) <= $4 and octet_length(${column}::text) <= $4 then octet_length(${column}::text)
   end`;

// Numbered before anything is unpacked: a run of 10,000 steps costs a sort of their keys. The ids are an array constant,
// which Postgres looks up in the index even before the tables have statistics.
const text = `
with numbered as (
  select s.*,
         row_number() over (partition by s.run_id order by s.started_at, length(s.step_id), s.step_id, s.path) as position,
         (count(*) over (partition by s.run_id))::int as step_count
  from step_run s
  where s.workspace_id = $1 and s.run_id = any ($2::uuid[])
), sized as (
  select n.*, ${bytesOf('n.input')} as input_bytes, ${bytesOf('n.output')} as output_bytes,
         ${bytesOf('n.logs')} as logs_bytes, ${bytesOf('n.attempts')} as attempts_bytes
  from numbered n where n.position <= $3
), judged as (
  select z.*,
         sum(coalesce(input_bytes, 0) + coalesce(output_bytes, 0) + coalesce(logs_bytes, 0) + coalesce(attempts_bytes, 0)
             + coalesce(octet_length(error::text), 0)) over (order by run_id desc, position) <= $5 as fits
  from sized z
)
select j.run_id as "runId", j.step_id as "stepId", j.path, j.status, j.attempt,
       case when fits and attempts_bytes is not null then j.attempts end as attempts,
       case when j.status = 'waiting' and j.waiting_for is null then j.due_at end as "nextAttemptAt",
       j.waiting_for as "waitingFor", case when j.waiting_for = 'resume' then j.wait_deadline end as "waitsUntil",
       case when fits and input_bytes is not null then j.input end as input,
       case when fits and output_bytes is not null then j.output end as output,
       case when fits and logs_bytes is not null then j.logs end as logs,
       j.output_count as "outputCount", j.error, j.component_version as "componentVersion",
       j.started_at as "startedAt", j.finished_at as "finishedAt", j.step_count as "stepCount",
       j.input is not null and not (fits and input_bytes is not null) as "inputElided",
       j.output is not null and not (fits and output_bytes is not null) as "outputElided",
       j.logs is not null and not (fits and logs_bytes is not null) as "logsElided",
       j.attempts is not null and not (fits and attempts_bytes is not null) as "attemptsElided"
from judged j
order by j.run_id, j.position`;

/** The first step runs of some runs with payloads as far as the bounds go, in the order in which they began. */
export function listSteps(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  bounds: ListedSteps,
): Promise<ListedStepRow[]> {
  const { runIds, maxStepsPerRun, maxPayloadBytes, maxPageBytes } = bounds;
  return manager.query<ListedStepRow[]>(text, [workspaceId, runIds, maxStepsPerRun, maxPayloadBytes, maxPageBytes]);
}
