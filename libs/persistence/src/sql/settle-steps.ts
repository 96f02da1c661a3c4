import type { FlowId, FlowVersionId, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import { arrayParameter, columnsOf } from '../array-parameter.js';
import type { Database } from '../database.js';

/** The end of one step run, and how many step runs it opens. */
export interface StepSettlement {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  attempt: number;
  status: 'succeeded' | 'failed';
  /** JSON text of the one output, or of the array of outputs when there are none or several. */
  output: string | null;
  outputCount: number;
  /** JSON text. */
  error: string | null;
  /** JSON text. */
  logs: string | null;
  componentVersion: string | null;
  /** Milliseconds since the epoch. */
  startedAt: number;
  finishedAt: number;
  /** Whether the answer shall say how the run ended if it ends with this step. */
  wantsEnd?: boolean;
  /** Step runs that it opens besides, in the same transaction: see `settleManySteps`. */
  opensLater?: number;
}

/** What settling did. */
export interface SettledSteps {
  /** Indexes of the settlements that took effect; the others had been settled before, or are unknown. */
  won: Set<number>;
  /** The runs that ended just now and whose settlement wanted to know. */
  ended: Map<RunId, RunEndStatus>;
}

type RunEndStatus = 'succeeded' | 'failed';

/** A step run that a settlement opens. */
export interface OpenedStep {
  /** Index of the settlement that opens it. */
  parent: number;
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  /** JSON text; `null` for one that has an `error` in its place. */
  input: string | null;
  dueInMs: number;
  /**
   * JSON text: why the step run can never be sent. It is opened as running all the same, so that it ends in the one way
   * in which every step run does, by a result; whoever sends it, now or after a kill, sends that result.
   */
  error?: string | null;
}

/** What a step run emitted one by one stays when it fails; with a single output it is an array until then. */
const keepsEmitted = `(t.status = 'failed' and coalesce(s.wait_emitted, 0) > 0)`;

// One statement is one transaction and one round trip. Compare-and-set on the status decides; only the settlements
// that win it open steps and count, so a redelivered result changes nothing. There are three of it: that of a batch in which
// nobody wants to know of an end, and no step is opened with an error, is not a column wider for those who do.
const statement = (ends: boolean, faults: boolean, also = ''): string => `
with settled as (
  select * from unnest(
    $1::int[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::text[], $7::json[], $8::int[], $9::json[], $10::json[],
    $11::text[], $12::float8[], $13::float8[], $14::int[]${ends ? ', $24::boolean[]' : ''}
  ) as t (position, run_id, step_id, path, attempt, status, output, output_count, error, logs, component_version,
          started_at, finished_at, open_change${ends ? ', wants_end' : ''})
), won as (
  update step_run s
  set status = t.status, error = t.error, logs = t.logs, component_version = t.component_version, due_at = null,
      output_count = case when ${keepsEmitted} then s.wait_emitted else t.output_count end,
      output = case
        when not ${keepsEmitted} then t.output
        when s.wait_emitted = 1 then substring(s.output::text from 2 for length(s.output::text) - 2)::json
        else s.output
      end,
      started_at = to_timestamp(t.started_at / 1000), finished_at = to_timestamp(t.finished_at / 1000)
  from settled t
  where s.run_id = t.run_id and s.step_id = t.step_id and s.path = t.path
    and s.status = 'running' and s.attempt = t.attempt
  returning t.position, t.run_id, t.open_change, t.status${ends ? ', t.wants_end' : ''}
), opened as (
  insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, input, due_at${faults ? ', error' : ''})
  select run_id, step_id, path, workspace_id, flow_id, version_id, 'running', input,
         now() + make_interval(secs => due_in_ms / 1000.0)${faults ? ', error' : ''}
  from unnest(
    $15::int[], $16::uuid[], $17::text[], $18::text[], $19::uuid[], $20::uuid[], $21::uuid[], $22::json[], $23::int[]${faults ? ', $25::json[]' : ''}
  ) as t (parent, run_id, step_id, path, workspace_id, flow_id, version_id, input, due_in_ms${faults ? ', error' : ''})
  where parent = any ((select array_agg(position) from won)::int[])
  on conflict do nothing
), change as (
  select run_id, sum(open_change)::int as opened, (count(*) filter (where status = 'failed'))::int as failed
         ${ends ? ', bool_or(wants_end) as wants_end' : ''}
  from won group by run_id
), counted as (
  update run r
  set open_steps = r.open_steps + c.opened,
      failed_steps = r.failed_steps + c.failed,
      status = case when r.open_steps + c.opened > 0 then r.status
                    when r.failed_steps + c.failed > 0 then 'failed' else 'succeeded' end,
      finished_at = case when r.open_steps + c.opened > 0 then null else now() end
  from change c
  where r.id = c.run_id and r.finished_at is null and (c.opened <> 0 or c.failed <> 0)
  ${ends ? 'returning r.id, r.status, r.finished_at, c.wants_end' : ''}
)${also}
${
  ends
    ? `select position, null::uuid as "runId", null as status from won
       union all select null, id, status from counted where finished_at is not null and wants_end`
    : 'select position from won'
}`;

const texts = {
  'settle-steps': statement(false, false),
  'settle-steps-with-ends': statement(true, false),
  'settle-steps-with-faults': statement(true, true),
};

/** What else is to be written in the transaction of a settlement, which it is rare to need. */
export interface AlsoWritten {
  /** Of the statement. */
  name: string;
  /** A further `with` query, which may read `won`; its parameters begin with `firstFreeParameter`. */
  text: string;
  values: unknown[];
}

export const firstFreeParameter = 26;

/**
 * Ends step runs, opens those that follow and ends runs without an open step, in one transaction. Safe to repeat.
 * No two settlements may name the same attempt of a step run.
 */
export async function settleSteps(
  database: Pick<Database, 'hot'>,
  settlements: StepSettlement[],
  opened: OpenedStep[],
  also?: AlsoWritten,
): Promise<SettledSteps> {
  const openChange = settlements.map(({ opensLater = 0 }) => opensLater - 1);
  for (const { parent } of opened) openChange[parent] = (openChange[parent] ?? 0) + 1;
  const wantsEnd = settlements.map((step) => step.wantsEnd ?? false);
  const faults = also !== undefined || opened.some(({ error }) => error != null);
  const ends = faults || wantsEnd.includes(true);
  const name = faults ? 'settle-steps-with-faults' : ends ? 'settle-steps-with-ends' : 'settle-steps';
  const settled = columnsOf(settlements);
  const open = columnsOf(opened);
  const rows = await database.hot<{ position: number } | { position: null; runId: RunId; status: RunEndStatus }>({
    name: also?.name ?? name,
    text: also ? statement(true, true, `, ${also.text}`) : texts[name],
    values: [
      settled('int4', (_, position) => position),
      settled('uuid', (step) => step.runId),
      settled('text', (step) => step.stepId),
      settled('text', (step) => step.path),
      settled('int4', (step) => step.attempt),
      settled('text', (step) => step.status),
      settled('json', (step) => step.output),
      settled('int4', (step) => step.outputCount),
      settled('json', (step) => step.error),
      settled('json', (step) => step.logs),
      settled('text', (step) => step.componentVersion),
      settled('float8', (step) => step.startedAt),
      settled('float8', (step) => step.finishedAt),
      arrayParameter('int4', openChange),
      open('int4', (step) => step.parent),
      open('uuid', (step) => step.runId),
      open('text', (step) => step.stepId),
      open('text', (step) => step.path),
      open('uuid', (step) => step.workspaceId),
      open('uuid', (step) => step.flowId),
      open('uuid', (step) => step.versionId),
      open('json', (step) => step.input),
      open('int4', (step) => step.dueInMs),
      ...(ends ? [arrayParameter('bool', wantsEnd)] : []),
      ...(faults ? [open('json', (step) => step.error)] : []),
      ...(also?.values ?? []),
    ],
  });
  const result: SettledSteps = { won: new Set(), ended: new Map() };
  for (const row of rows) {
    if (row.position === null) result.ended.set(row.runId, row.status);
    else result.won.add(row.position);
  }
  return result;
}
