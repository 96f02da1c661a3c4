import type { Json, RunId, UserId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import { pageOf, type Page, type PageRequest } from './pages.js';

export type BulkAction = 'retry' | 'replay' | 'cancel';
export type BulkJobStatus = 'queued' | 'running' | 'done' | 'cancelled';
export type BulkJobId = string;

export interface BulkFailure {
  /** `null`: not one run but the job itself, which ended with it. */
  runId: RunId | null;
  code: string;
  message: string;
}

/** One action on many runs. */
export interface BulkJobRow {
  id: BulkJobId;
  workspaceId: WorkspaceId;
  action: BulkAction;
  version: 'same' | 'current' | null;
  filter: Json;
  status: BulkJobStatus;
  /** `null` until the runs are counted. */
  total: number | null;
  done: number;
  failed: number;
  failures: BulkFailure[];
  /** The last run that was acted on. */
  cursor: RunId | null;
  createdBy: UserId;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

/** How many failures a job keeps. */
export const keptFailures = 20;

const columns = `
  id, workspace_id as "workspaceId", action, version, filter, status, total, done, failed, failures, cursor,
  created_by as "createdBy", created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt"`;

/** Writes a job that waits for its turn, unless the workspace has `maxOpen` already; `false` then. */
export async function insertBulkJob(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  job: Pick<BulkJobRow, 'id' | 'action' | 'version' | 'createdBy' | 'createdAt'> & { filter: Json; maxOpen: number },
): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `insert into bulk_job (id, workspace_id, action, version, filter, created_by, created_at, portion_at)
     select $2, $1, $3, $4, $5, $6, $7, $7
     where (select count(*) from bulk_job where workspace_id = $1 and status in ('queued', 'running')) < $8
     returning id`,
    [
      workspaceId,
      job.id,
      job.action,
      job.version,
      JSON.stringify(job.filter),
      job.createdBy,
      job.createdAt,
      job.maxOpen,
    ],
  );
  return rows.length === 1;
}

/** One job; `undefined` when the workspace has none of that id. */
export async function findBulkJob(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  id: BulkJobId,
): Promise<BulkJobRow | undefined> {
  const text = `select ${columns} from bulk_job where workspace_id = $1 and id = $2`;
  return (await manager.query<BulkJobRow[]>(text, [workspaceId, id]))[0];
}

/** Jobs of a workspace, newest first. */
export async function listBulkJobs(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { before, limit }: PageRequest<BulkJobId>,
): Promise<Page<BulkJobRow>> {
  const rows = await manager.query<BulkJobRow[]>(
    `select ${columns} from bulk_job
     where workspace_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [workspaceId, before ?? null, limit + 1],
  );
  return pageOf(rows, limit);
}

/** Ends a job before its time; what it did stays done. Resolves false, and changes nothing, when it has ended. */
export async function cancelBulkJob(manager: EntityManager, workspaceId: WorkspaceId, id: BulkJobId): Promise<boolean> {
  const [, cancelled] = await manager.query<[unknown[], number]>(
    `update bulk_job set status = 'cancelled', finished_at = now(), lease_owner = null, lease_until = null
     where workspace_id = $1 and id = $2 and status in ('queued', 'running')`,
    [workspaceId, id],
  );
  return cancelled === 1;
}

/** Removes jobs that ended long ago. */
export async function removeOldBulkJobs(manager: EntityManager, olderThanDays: number): Promise<void> {
  await manager.query(`delete from bulk_job where finished_at < now() - make_interval(days => $1)`, [olderThanDays]);
}

/** Who works on a job, and for how long unless it says so again. */
export interface BulkLease {
  owner: string;
  leaseMs: number;
}

// Whose last portion is longest ago is next, so that workspaces take turns. Of a workspace the oldest queued job, and only while
// none runs; where two processes find one each at once, the unique index refuses the second.
const takeText = `
with next as (
  select j.id from bulk_job j
  where j.status = 'running' and (j.lease_until is null or j.lease_until < now())
     or j.status = 'queued' and not exists (
          select from bulk_job o
          where o.workspace_id = j.workspace_id
            and (o.status = 'running' or o.status = 'queued' and (o.created_at, o.id) < (j.created_at, j.id))
        )
  order by j.portion_at limit 1
  for update skip locked
), taken as (
  update bulk_job j
  set status = 'running', started_at = coalesce(j.started_at, now()), lease_owner = $1,
      lease_until = now() + make_interval(secs => $2 / 1000.0)
  from next where j.id = next.id
  returning j.*
)
select ${columns} from taken`;

/** Takes the job whose turn it is, one that was left by a process that died included; `undefined` when there is none. */
export async function takeBulkJob(manager: EntityManager, lease: BulkLease): Promise<BulkJobRow | undefined> {
  try {
    return (await manager.query<BulkJobRow[]>(takeText, [lease.owner, lease.leaseMs]))[0];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === uniqueViolation) return undefined;
    throw error;
  }
}

const uniqueViolation = '23505';

/** What a portion did with one run, or with none when it only says that it goes on. */
export interface BulkProgress {
  runId?: RunId | undefined;
  failure?: BulkFailure | undefined;
  total?: number | undefined;
}

const progressText = `
update bulk_job
set cursor = coalesce($3, cursor), total = coalesce($4, total), done = done + $5, failed = failed + $6,
    failures = case when $7::text is null or failed >= ${keptFailures} then failures
                    when failed = 0 then ('[' || $7 || ']')::json
                    else (left(failures::text, -1) || ',' || $7 || ']')::json end,
    lease_until = now() + make_interval(secs => $8 / 1000.0)
where id = $1 and lease_owner = $2 and status = 'running'`;

/**
 * Notes progress and renews the lease; `false` when the job was cancelled, or somebody else has it. In the transaction that acts
 * on a run it makes sure that act and count are one.
 */
export async function noteBulkProgress(
  manager: EntityManager,
  jobId: BulkJobId,
  { owner, leaseMs, runId, failure, total }: BulkLease & BulkProgress,
): Promise<boolean> {
  const [, changed] = await manager.query<[unknown[], number]>(progressText, [
    jobId,
    owner,
    runId ?? null,
    total ?? null,
    runId && !failure ? 1 : 0,
    failure ? 1 : 0,
    failure ? JSON.stringify(failure) : null,
    leaseMs,
  ]);
  return changed === 1;
}

/** Ends a job that cannot go on, now or later, with the reason. What it did stays done. */
export async function stopBulkJob(
  manager: EntityManager,
  jobId: BulkJobId,
  { owner, code, message }: { owner: string } & Omit<BulkFailure, 'runId'>,
): Promise<void> {
  await manager.query(
    `update bulk_job
     set status = 'cancelled', finished_at = now(), lease_owner = null, lease_until = null,
         failures = case when json_array_length(failures) = 0 then ('[' || $3 || ']')::json
                         else (left(failures::text, -1) || ',' || $3 || ']')::json end
     where id = $1 and lease_owner = $2 and status = 'running'`,
    [jobId, owner, JSON.stringify({ runId: null, code, message })],
  );
}

/** Ends a portion: another one may begin at once, here or elsewhere, unless the job is `done`. `scannedTo` is where it goes on. */
export async function endBulkPortion(
  manager: EntityManager,
  jobId: BulkJobId,
  { owner, done, scannedTo }: { owner: string; done: boolean; scannedTo: RunId | undefined },
): Promise<void> {
  await manager.query(
    `update bulk_job
     set lease_owner = null, lease_until = null, portion_at = clock_timestamp(),
         cursor = coalesce($4, cursor),
         status = case when $3 then 'done' else status end, finished_at = case when $3 then now() end
     where id = $1 and lease_owner = $2 and status = 'running'`,
    [jobId, owner, done, scannedTo ?? null],
  );
}
