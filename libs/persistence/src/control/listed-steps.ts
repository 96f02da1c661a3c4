import type { RunId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { StepRunRow } from './run-log.js';

/** What of the step runs of some runs is shown. */
export interface ListedSteps {
  runIds: RunId[];
  /** Of each run the first so many. */
  maxStepsPerRun: number;
  /** Larger inputs, outputs, logs and lists of attempts are left out one by one. */
  maxPayloadBytes: number;
  /** Payloads are left out when those of the page would sum up to more; the newest runs come first. */
  maxPageBytes: number;
}

/** What a step run holds besides its status, each as JSON. */
export type PayloadPart = 'input' | 'output' | 'logs' | 'attempts';

export interface ListedStepRow extends StepRunRow {
  /** What was left out for its size, with the bytes that it has at least: large ones are not unpacked to be measured. */
  elided: { part: PayloadPart; sizeBytes: number }[];
  /** `null` when the version is unknown. */
  flowVersion: number | null;
  /** How many step runs its run has, listed or not. */
  stepCount: number;
}

const parts: readonly PayloadPart[] = ['input', 'output', 'logs', 'attempts'];

// The stored, compressed size is looked at first: it costs no read. What is larger by that alone has no `bytes`.
const sizes = parts
  .map(
    (part) => `
         pg_column_size(n.${part}) as ${part}_stored,
         case when pg_column_size(n.${part}) <= $4 then octet_length(n.${part}::text) end as ${part}_bytes`,
  )
  .join(',');
const total = parts.map((part) => `case when ${part}_bytes <= $4 then ${part}_bytes else 0 end`).join(' + ');
const shows = (part: PayloadPart): string => `coalesce(fits and ${part}_bytes <= $4, false)`;
const shown = parts.map((part) => `case when ${shows(part)} then j.${part} end as ${part}`).join(', ');
const elided = parts
  .map(
    (part) => `
         case when j.${part} is not null and not ${shows(part)}
              then json_build_object('part', '${part}', 'sizeBytes', coalesce(${part}_bytes, ${part}_stored)) end`,
  )
  .join(',');

// Numbered before anything is unpacked: a run of 10,000 steps costs a sort of their keys. The ids are an array constant,
// which Postgres looks up in the index and by which it leaves out other partitions even before the tables have statistics
// (1.9 s against 0.1 s for 50 of 200,000 runs).
const text = `
with numbered as (
  select s.*,
         row_number() over (partition by s.run_id order by s.started_at, length(s.step_id), s.step_id, s.path) as position,
         (count(*) over (partition by s.run_id))::int as step_count
  from step_run s
  where s.workspace_id = $1 and s.run_id = any ($2::uuid[])
), sized as (
  select n.*, ${sizes}
  from numbered n where n.position <= $3
), judged as (
  select z.*,
         sum(${total} + coalesce(octet_length(error::text), 0)) over (order by run_id desc, position) <= $5 as fits
  from sized z
)
select j.run_id as "runId", j.version_id as "versionId", v.number as "flowVersion", j.step_id as "stepId", j.path, j.status, j.attempt,
       case when j.status = 'waiting' and j.waiting_for is null then j.due_at end as "nextAttemptAt",
       j.waiting_for as "waitingFor", case when j.waiting_for is not null then j.wait_deadline end as "waitsUntil", ${shown},
       j.output_count as "outputCount", j.error, j.component_version as "componentVersion",
       j.started_at as "startedAt", j.finished_at as "finishedAt", j.step_count as "stepCount",
       array_to_json(array_remove(array[${elided}]::text[], null)::json[]) as elided
from judged j left join flow_version v on v.id = j.version_id and v.workspace_id = j.workspace_id
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
