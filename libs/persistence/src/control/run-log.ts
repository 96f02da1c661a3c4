import type {
  FlowId,
  FlowVersionId,
  HookRequest,
  Json,
  LogEntry,
  RunId,
  StepError,
  StepId,
  StepPath,
  WorkspaceId,
} from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import type { FailedAttempt } from '../sql/postpone-steps.js';
import { pageOf, type Page, type PageRequest } from './pages.js';

/** `duplicate`: the same request had come before; its steps do not run. */
export type RunStatus = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'duplicate';

/** A run without what came in. */
export interface RunRow {
  id: RunId;
  flowId: FlowId;
  versionId: FlowVersionId;
  /** `null` when the version is unknown. */
  flowVersion: number | null;
  status: RunStatus;
  /** Of a duplicate: the run that came first. */
  duplicateOf: RunId | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export interface StepRunRow {
  runId: RunId;
  stepId: StepId;
  path: StepPath;
  status: Exclude<RunStatus, 'queued' | 'duplicate'>;
  attempt: number;
  /** The failed attempts before the present one, oldest first. */
  attempts: FailedAttempt[] | null;
  /** Of one that waits for its next attempt: when that begins. */
  nextAttemptAt: Date | null;
  /** What else it waits for: a call of its resume URL. */
  waitingFor: 'resume' | null;
  waitsUntil: Date | null;
  input: Json;
  output: Json;
  outputCount: number | null;
  error: StepError | null;
  logs: LogEntry[] | null;
  componentVersion: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** What was left out for its size. */
  inputElided: boolean;
  outputElided: boolean;
}

/** The stored request of a run, which is the input of its trigger step. */
export interface RunRequestRow {
  runId: RunId;
  request: HookRequest;
  /** `null` when it was left out for its size. */
  body: Buffer | null;
}

export interface RunFilter extends PageRequest<RunId> {
  flowId?: FlowId | undefined;
  status?: RunStatus | undefined;
  /** Runs that began at this time or later. */
  from?: Date | undefined;
  /** Runs that began before this time. */
  to?: Date | undefined;
}

const runColumns = `
  r.id, r.flow_id as "flowId", r.version_id as "versionId", v.number as "flowVersion", r.status,
  r.duplicate_of as "duplicateOf", r.started_at as "startedAt", r.finished_at as "finishedAt"`;

/**
 * Runs of a workspace, newest first. The id of a run holds its time, so page and time bounds are ranges of the primary
 * key and leave out whole partitions. The text is made of the conditions that are given: a general one would be planned
 * for the worst of them.
 */
export async function listRuns(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  filter: RunFilter,
): Promise<Page<RunRow>> {
  const values: unknown[] = [workspaceId];
  const given = (condition: string, value: unknown): string => {
    values.push(value);
    return ` and ${condition.replace('?', `$${values.length}`)}`;
  };
  let where = 'r.workspace_id = $1';
  if (filter.flowId) where += given('r.flow_id = ?', filter.flowId);
  if (filter.status) where += given('r.status = ?', filter.status);
  if (filter.from) where += given('r.id >= first_id_at(?::timestamptz)', filter.from);
  if (filter.to) where += given('r.id < first_id_at(?::timestamptz)', filter.to);
  if (filter.before) where += given('r.id < ?', filter.before);
  values.push(filter.limit + 1);
  const rows = await manager.query<RunRow[]>(
    `select ${runColumns}
     from run r left join flow_version v on v.id = r.version_id and v.workspace_id = r.workspace_id
     where ${where} order by r.id desc limit $${values.length}`,
    values,
  );
  return pageOf(rows, filter.limit);
}

/** One run; `undefined` when the workspace has none of that id. */
export async function findRun(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  runId: RunId,
): Promise<RunRow | undefined> {
  const [row] = await manager.query<RunRow[]>(
    `select ${runColumns}
     from run r left join flow_version v on v.id = r.version_id and v.workspace_id = r.workspace_id
     where r.workspace_id = $1 and r.id = $2`,
    [workspaceId, runId],
  );
  return row;
}

export interface RunSelection {
  runIds: RunId[];
  /** Payloads above this are left out. The stored, compressed size is looked at first: it costs no read. */
  maxPayloadBytes: number;
}

const fits = (column: string) =>
  `(s.${column} is null or (pg_column_size(s.${column}) <= $3 and octet_length(s.${column}::text) <= $3))`;

// The ids as an array constant, not as a table to join: Postgres then looks them up in the index and leaves out other
// partitions even before the tables have statistics (1.9 s against 0.1 s for 50 of 200,000 runs).
const stepRunsText = `
select s.run_id as "runId", s.step_id as "stepId", s.path, s.status, s.attempt, s.attempts,
       case when s.status = 'waiting' and s.waiting_for is null then s.due_at end as "nextAttemptAt",
       s.waiting_for as "waitingFor", case when s.waiting_for = 'resume' then s.wait_deadline end as "waitsUntil",
       case when ${fits('input')} then s.input end as input,
       case when ${fits('output')} then s.output end as output,
       s.output_count as "outputCount", s.error, s.logs, s.component_version as "componentVersion",
       s.started_at as "startedAt", s.finished_at as "finishedAt",
       not ${fits('input')} as "inputElided", not ${fits('output')} as "outputElided"
from step_run s
where s.workspace_id = $1 and s.run_id = any ($2::uuid[])
order by s.run_id, s.started_at, length(s.step_id), s.step_id, s.path`;

/** The step runs of some runs, in the order in which they began. */
export function listStepRuns(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  selection: RunSelection,
): Promise<StepRunRow[]> {
  return manager.query<StepRunRow[]>(stepRunsText, [workspaceId, selection.runIds, selection.maxPayloadBytes]);
}

const requestsText = `
select r.id as "runId", r.request, case when octet_length(r.body) <= $3 then r.body end as body
from run r
where r.workspace_id = $1 and r.id = any ($2::uuid[])`;

/** The stored requests of some runs. */
export function listRunRequests(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  selection: RunSelection,
): Promise<RunRequestRow[]> {
  return manager.query<RunRequestRow[]>(requestsText, [workspaceId, selection.runIds, selection.maxPayloadBytes]);
}
