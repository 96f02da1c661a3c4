import type { FlowId, RunId, StepId, WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

/** A step run that failed, with what is needed to tell which failures are alike. */
export interface FailureRow {
  runId: RunId;
  flowId: FlowId;
  stepId: StepId;
  /** The beginning of the JSON text of its error: Postgres cannot unescape all that it may hold. */
  error: string;
  failedAt: Date;
}

const errorCharacters = 8_000;

const columns = `
  s.run_id as "runId", s.flow_id as "flowId", s.step_id as "stepId", left(s.error::text, ${errorCharacters}) as error,
  coalesce(s.finished_at, s.started_at) as "failedAt"`;

/** Failures in failed runs that began within a time, of one flow or of the workspace, those of the newest runs first. */
export function listFailures(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { flowId, from, to, limit }: { flowId: FlowId | undefined; from: Date; to: Date; limit: number },
): Promise<FailureRow[]> {
  return manager.query<FailureRow[]>(
    `select ${columns}
     from step_run s join run r on r.id = s.run_id and r.status = 'failed'
     where s.workspace_id = $1 and ${flowId ? 's.flow_id = $2' : '$2::uuid is null'} and s.status = 'failed'
       and s.run_id >= first_id_at($3::timestamptz) and s.run_id < first_id_at($4::timestamptz)
     order by s.run_id desc limit $5`,
    [workspaceId, flowId ?? null, from, to, limit],
  );
}

/** The failures of some runs. */
export function listRunFailures(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  runIds: readonly RunId[],
): Promise<FailureRow[]> {
  return manager.query<FailureRow[]>(
    `select ${columns} from step_run s
     where s.workspace_id = $1 and s.run_id = any ($2::uuid[]) and s.status = 'failed'`,
    [workspaceId, runIds],
  );
}
