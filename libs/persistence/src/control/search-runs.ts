import type { FlowId, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import { codeIs, messageHolds } from './error-patterns.js';
import type { PageRequest } from './pages.js';
import type { RunStatus } from './run-log.js';

/** Which runs to list. Conditions are combined; those on errors are met by one and the same step run. */
export interface RunFilter extends PageRequest<RunId> {
  flowId?: FlowId | undefined;
  /** Any of these; all when missing or empty. */
  status?: readonly RunStatus[] | undefined;
  /** Runs that began at this time or later. */
  from?: Date | undefined;
  /** Runs that began before this time. */
  to?: Date | undefined;
  /** Runs that came to this step; with `errorCode` or `text` those in which it failed so. */
  stepId?: StepId | undefined;
  /** Runs in which a step failed with this code. */
  errorCode?: string | undefined;
  /** Runs in which the message of a step's error holds this text, in capital or small letters. */
  text?: string | undefined;
}

/**
 * How many runs one search looks at before it stops and says how far it came. Over 1,000,000 runs of which a tenth failed, on
 * two busy cores, it then takes up to 0.25 s (the int spec with `runCount` raised).
 */
export const searchBounds = {
  /** Each costs the read of its row. */
  byStatus: 15_000,
  /** Each costs a look-up of its step runs. */
  bySteps: 1_500,
};

export interface SearchResult {
  /** One more than the limit when more follow. */
  ids: RunId[];
  /** The last run that was looked at when the search stopped early. */
  scannedTo: RunId | null;
}

/**
 * The statement that finds the ids of runs, newest first. The id of a run holds its time, so page and time bounds are ranges
 * of the key and leave out whole partitions. The text is made of the conditions that are given: a general one would be
 * planned for the worst of them.
 *
 * However rare the matches are, no more than a bounded number of runs is looked at: those of the index that leads, in its
 * order. That is the index of runs, or, for errors, the one of failed steps. `offset 0` keeps each look-up a look-up: as a
 * join it could begin at the other end, with all steps there are.
 */
export function runSearch(
  workspaceId: WorkspaceId,
  filter: RunFilter,
  bounds: typeof searchBounds = searchBounds,
): { text: string; values: unknown[] } {
  const { flowId, from, to, before, stepId, errorCode, text } = filter;
  const status = filter.status?.length ? filter.status : undefined;
  const values: unknown[] = [];
  const given = (value: unknown): string => `$${values.push(value)}`;
  const workspace = given(workspaceId);
  const wanted = given(filter.limit + 1);
  const failed = errorCode !== undefined || text !== undefined;
  const looksAtSteps = failed || stepId !== undefined;
  const scanned = given(looksAtSteps ? bounds.bySteps : status ? bounds.byStatus : filter.limit + 1);

  const range = (id: string): string =>
    [
      flowId && ` and flow_id = ${given(flowId)}`,
      from && ` and ${id} >= first_id_at(${given(from)}::timestamptz)`,
      to && ` and ${id} < first_id_at(${given(to)}::timestamptz)`,
      before && ` and ${id} < ${given(before)}`,
    ]
      .filter(Boolean)
      .join('');
  const seen = failed
    ? `select distinct run_id as id from step_run where status = 'failed' and workspace_id = ${workspace}${range('run_id')}
       order by run_id desc limit ${scanned}`
    : `select id, status from run where workspace_id = ${workspace}${range('id')} order by id desc limit ${scanned}`;

  const matches: string[] = [];
  if (status && !failed) matches.push(`seen.status = any (${given(status)}::text[])`);
  if (status && failed) {
    matches.push(
      `exists (select 1 from run r where r.id = seen.id and r.status = any (${given(status)}::text[]) offset 0)`,
    );
  }
  if (looksAtSteps) {
    const step = [`s.run_id = seen.id and s.workspace_id = ${workspace}`];
    if (failed) step.push(`s.status = 'failed'`);
    if (stepId !== undefined) step.push(`s.step_id = ${given(stepId)}`);
    if (errorCode !== undefined) step.push(`s.error::text ~ ${given(codeIs(errorCode))}`);
    if (text !== undefined) step.push(`s.error::text ~* ${given(messageHolds(text))}`);
    matches.push(`exists (select 1 from step_run s where ${step.join(' and ')} offset 0)`);
  }
  const where = matches.length === 0 ? '' : `where ${matches.join(' and ')}`;
  return {
    values,
    text: `
select ids, case when cardinality(ids) < ${wanted} then (
         select case when count(*) = ${scanned} then min(id::text) end from (${seen}) as counted
       ) end as "scannedTo"
from (select array(select id from (${seen}) as seen ${where} order by id desc limit ${wanted}) as ids offset 0) as found`,
  };
}
