import type { RunId } from '@millrace/contracts';
import type { Database } from '../database.js';
import type { OpenedStep, SettledSteps, StepSettlement } from './settle-steps.js';
import type { StepRunKey } from './read-step-runs.js';

/** An output of a step run that emits one by one while it waits, or its end. */
export interface EmittedOutput
  extends StepRunKey, Pick<StepSettlement, 'attempt' | 'componentVersion' | 'finishedAt' | 'wantsEnd'> {
  /** How many outputs it had before. */
  index: number;
  /** JSON text; `null` where there is none, as when its time is over. */
  output: string | null;
  /** The step run ends with it. */
  last: boolean;
  /** JSON text: why it ends so. What it emitted before stays. */
  error: string | null;
}

// Compare-and-set on status, attempt and the number of outputs: each takes effect once. The step run goes on to wait and is
// due at once: there may have been further calls meanwhile. Until it ends the outputs are an array, also a single one.
const text = `
with emitted as (
  select *, case when output is null then 0 else 1 end as count from unnest(
    $1::int[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[], $8::boolean[], $9::text[],
    $10::float8[], $11::int[], $12::boolean[], $23::json[]
  ) as t (position, run_id, step_id, path, attempt, index, output, last, component_version, finished_at, open_change,
          wants_end, error)
), won as (
  update step_run s
  set status = case when t.error is not null then 'failed' when t.last then 'succeeded' else 'waiting' end,
      waiting_for = case when t.last then null else 'resume' end,
      due_at = case when t.last then null else now() end,
      wait_emitted = t.index + t.count,
      output_count = case when t.last then t.index + t.count end,
      output = case
        when t.last and t.index = 0 and t.count = 1 then t.output
        when t.last and t.index = 1 and t.count = 0 then substring(s.output::text from 2 for length(s.output::text) - 2)
        when t.index = 0 then '[' || coalesce(t.output, '') || ']'
        when t.count = 0 then s.output::text
        else left(s.output::text, -1) || ',' || t.output || ']'
      end::json,
      error = t.error, component_version = t.component_version,
      finished_at = case when t.last then to_timestamp(t.finished_at / 1000) end
  from emitted t
  where s.run_id = t.run_id and s.step_id = t.step_id and s.path = t.path
    and s.status = 'running' and s.attempt = t.attempt and coalesce(s.wait_emitted, 0) = t.index
  returning t.position, t.run_id, t.open_change, t.last, t.wants_end, s.status
), opened as (
  insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, input, due_at, error)
  select run_id, step_id, path, workspace_id, flow_id, version_id, 'running', input,
         now() + make_interval(secs => due_in_ms / 1000.0), error
  from unnest(
    $13::int[], $14::uuid[], $15::text[], $16::text[], $17::uuid[], $18::uuid[], $19::uuid[], $20::json[], $21::int[],
    $22::json[]
  ) as t (parent, run_id, step_id, path, workspace_id, flow_id, version_id, input, due_in_ms, error)
  where parent = any ((select array_agg(position) from won)::int[])
  on conflict do nothing
), change as (
  select run_id, sum(open_change)::int as opened, bool_and(last) as all_end, bool_or(wants_end) as wants_end,
         (count(*) filter (where status = 'failed'))::int as failed
  from won group by run_id
), counted as (
  update run r
  set open_steps = r.open_steps + c.opened,
      failed_steps = r.failed_steps + c.failed,
      status = case when not c.all_end then 'waiting'
                    when r.open_steps + c.opened > 0 then r.status
                    when r.failed_steps + c.failed > 0 then 'failed' else 'succeeded' end,
      finished_at = case when r.open_steps + c.opened > 0 then null else now() end
  from change c
  where r.id = c.run_id and r.finished_at is null
  returning r.id, r.status, r.finished_at, c.wants_end
)
select position, null::uuid as "runId", null as status from won
union all select null, id, status from counted where finished_at is not null and wants_end`;

/**
 * Keeps outputs of step runs that emit one by one, opens the steps that follow each, and ends the step run with its last;
 * a run without an open step ends with it. One transaction, safe to repeat. No two may be of the same step run.
 */
export async function emitOutputs(
  database: Database,
  outputs: EmittedOutput[],
  opened: OpenedStep[],
): Promise<SettledSteps> {
  const openChange: number[] = outputs.map(({ last }) => (last ? -1 : 0));
  for (const { parent } of opened) openChange[parent] = (openChange[parent] ?? 0) + 1;
  const rows = await database.hot<
    { position: number } | { position: null; runId: RunId; status: 'succeeded' | 'failed' }
  >({
    name: 'emit-outputs',
    text,
    values: [
      outputs.map((_, position) => position),
      outputs.map((output) => output.runId),
      outputs.map((output) => output.stepId),
      outputs.map((output) => output.path),
      outputs.map((output) => output.attempt),
      outputs.map((output) => output.index),
      outputs.map((output) => output.output),
      outputs.map((output) => output.last),
      outputs.map((output) => output.componentVersion),
      outputs.map((output) => output.finishedAt),
      openChange,
      outputs.map((output) => output.wantsEnd ?? false),
      opened.map((step) => step.parent),
      opened.map((step) => step.runId),
      opened.map((step) => step.stepId),
      opened.map((step) => step.path),
      opened.map((step) => step.workspaceId),
      opened.map((step) => step.flowId),
      opened.map((step) => step.versionId),
      opened.map((step) => step.input),
      opened.map((step) => step.dueInMs),
      opened.map((step) => step.error ?? null),
      outputs.map((output) => output.error),
    ],
  });
  const settled: SettledSteps = { won: new Set(), ended: new Map() };
  for (const row of rows) {
    if (row.position === null) settled.ended.set(row.runId, row.status);
    else settled.won.add(row.position);
  }
  return settled;
}
