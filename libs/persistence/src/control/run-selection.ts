import type { FlowId, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import { codeIs, messageHolds } from './error-patterns.js';
import type { RunStatus } from './run-log.js';

/**
 * Which runs are meant. What is left out does not narrow, and what both have means what it does in the list of runs: conditions
 * on errors are met by one and the same step run.
 */
export interface RunCriteria {
  /** Only these. */
  runIds?: readonly RunId[] | undefined;
  flowId?: FlowId | undefined;
  statuses?: readonly RunStatus[] | undefined;
  /** Runs that began at this time or later. */
  from?: Date | undefined;
  /** Runs that began before this time. */
  to?: Date | undefined;
  /** Runs that came to this step; with `errorCode` or `text` those in which it failed so. */
  stepId?: StepId | undefined;
  /** Runs in which a step failed with this code. */
  errorCode?: string | undefined;
  /**
   * Runs in which the message of a step's error holds this text, in capital or small letters. Inputs and outputs are not
   * searched: whether one matches would tell what is hidden in them.
   */
  text?: string | undefined;
}

export interface RunScan {
  criteria: RunCriteria;
  /** Only runs with a higher id … */
  after: RunId | undefined;
  /** … and a lower one than this time's. */
  before: Date;
  /** How many runs are looked at, matching or not. */
  limit: number;
}

export interface ScannedRuns {
  /** Those that match, the oldest first. */
  runIds: RunId[];
  /** The last one that was looked at; `null` when there are no more. */
  last: RunId | null;
}

/**
 * Looks at the next runs in the order of their ids. What is quick to tell decides which are looked at; texts are searched in those
 * only, so that no statement takes long, however rare what is searched for.
 */
export async function scanRuns(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { criteria, after, before, limit }: RunScan,
): Promise<ScannedRuns> {
  const values: unknown[] = [workspaceId];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const quick = ['r.workspace_id = $1', `r.id < first_id_at(${parameter(before)}::timestamptz)`];
  if (after) quick.push(`r.id > ${parameter(after)}`);
  if (criteria.runIds) quick.push(`r.id = any (${parameter(criteria.runIds)}::uuid[])`);
  if (criteria.flowId) quick.push(`r.flow_id = ${parameter(criteria.flowId)}`);
  if (criteria.statuses) quick.push(`r.status = any (${parameter(criteria.statuses)}::text[])`);
  if (criteria.from) quick.push(`r.id >= first_id_at(${parameter(criteria.from)}::timestamptz)`);
  if (criteria.to) quick.push(`r.id < first_id_at(${parameter(criteria.to)}::timestamptz)`);
  const [row] = await manager.query<{ runIds: RunId[] | null; last: RunId | null }[]>(
    `with seen as materialized (
       select r.id from run r where ${quick.join(' and ')} order by r.id limit ${parameter(limit)}
     )
     select (select array_agg(s.id order by s.id) from seen s where ${slow(criteria, parameter)}) as "runIds",
            (select id from seen order by id desc limit 1) as last`,
    values,
  );
  return { runIds: row?.runIds ?? [], last: row?.last ?? null };
}

function slow(criteria: RunCriteria, parameter: (value: unknown) => string): string {
  const { stepId, errorCode, text } = criteria;
  if (stepId === undefined && errorCode === undefined && text === undefined) return 'true';
  const step = ['p.run_id = s.id'];
  if (stepId !== undefined) step.push(`p.step_id = ${parameter(stepId)}`);
  if (errorCode !== undefined || text !== undefined) step.push(`p.status = 'failed'`);
  if (errorCode !== undefined) step.push(`p.error::text ~ ${parameter(codeIs(errorCode))}`);
  if (text !== undefined) step.push(`p.error::text ~* ${parameter(messageHolds(text))}`);
  return `exists (select from step_run p where ${step.join(' and ')})`;
}
