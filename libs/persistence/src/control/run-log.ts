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
import type { FailedAttempt } from '../failed-attempt.js';
import type { Page } from './pages.js';
import { runSearch, type RunFilter, type SearchResult } from './search-runs.js';

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
  /** Of a replay: the run whose request it is. */
  replayOf: RunId | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export interface StepRunRow {
  runId: RunId;
  versionId: FlowVersionId;
  stepId: StepId;
  path: StepPath;
  status: Exclude<RunStatus, 'queued' | 'duplicate'>;
  attempt: number;
  /** The failed attempts before the present one, oldest first. */
  attempts: FailedAttempt[] | null;
  /** Of one that waits for its next attempt: when that begins. */
  nextAttemptAt: Date | null;
  /** What else it waits for: a call of its resume URL. */
  waitingFor: 'resume' | 'collect' | null;
  waitsUntil: Date | null;
  input: Json;
  output: Json;
  outputCount: number | null;
  error: StepError | null;
  logs: LogEntry[] | null;
  componentVersion: string | null;
  startedAt: Date;
  finishedAt: Date | null;
}

/** The stored request of a run, which is the input of its trigger step. */
export interface RunRequestRow {
  runId: RunId;
  request: HookRequest;
  /** `null` when it was left out for its size. */
  body: Buffer | null;
  bodyBytes: number;
}

const runColumns = `
  r.id, r.flow_id as "flowId", r.version_id as "versionId", v.number as "flowVersion", r.status,
  r.duplicate_of as "duplicateOf", r.replay_of as "replayOf", r.started_at as "startedAt", r.finished_at as "finishedAt"`;

/** A page of runs; `truncated` when the search stopped with fewer than asked for and is to go on from `next`. */
export interface RunPage extends Page<RunRow> {
  truncated: boolean;
}

/** Runs of a workspace, newest first, by a bounded search: see `runSearch`. */
export async function listRuns(manager: EntityManager, workspaceId: WorkspaceId, filter: RunFilter): Promise<RunPage> {
  const search = runSearch(workspaceId, filter);
  const [found] = await manager.query<SearchResult[]>(search.text, search.values);
  const { ids, scannedTo } = found ?? { ids: [], scannedTo: null };
  const shown = ids.slice(0, filter.limit);
  const items = await manager.query<RunRow[]>(
    `select ${runColumns}
     from run r left join flow_version v on v.id = r.version_id and v.workspace_id = r.workspace_id
     where r.workspace_id = $1 and r.id = any ($2::uuid[]) order by r.id desc`,
    [workspaceId, shown],
  );
  return {
    items,
    next: ids.length > filter.limit ? (shown.at(-1) ?? null) : scannedTo,
    truncated: scannedTo !== null,
  };
}

/** Of the search that counts: so many runs are looked at. */
const countBounds = { byStatus: 30_000, bySteps: 1_500 };

/**
 * How many runs match, up to a bound. `more`: there are others, or there may be, for the search stopped where it costs too much.
 */
export async function countRuns(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  filter: Omit<RunFilter, 'limit' | 'before'>,
  bound: number,
): Promise<{ count: number; more: boolean }> {
  const { text, values } = runSearch(workspaceId, { ...filter, limit: bound }, countBounds);
  const [found] = await manager.query<{ count: number; stopped: boolean }[]>(
    `select cardinality(f.ids) as count, f."scannedTo" is not null as stopped from (${text}) as f`,
    values,
  );
  const { count, stopped } = found ?? { count: 0, stopped: false };
  return { count: Math.min(count, bound), more: stopped || count > bound };
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
  /** Larger bodies are left out. */
  maxPayloadBytes: number;
}

const requestsText = `
select r.id as "runId", r.request, case when octet_length(r.body) <= $3 then r.body end as body,
       octet_length(r.body) as "bodyBytes"
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
