import type { WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';

/** What a workspace's administrator sees and sets. */
export interface WorkspaceSettings {
  id: WorkspaceId;
  name: string;
  /** How long runs are kept after their end. */
  retentionDays: number;
}

const columns = 'id, name, retention_days as "retentionDays"';

/** The settings of a workspace; `undefined` when there is none of that id. */
export async function findWorkspace(
  manager: EntityManager,
  workspaceId: WorkspaceId,
): Promise<WorkspaceSettings | undefined> {
  const [row] = await manager.query<WorkspaceSettings[]>(`select ${columns} from workspace where id = $1`, [
    workspaceId,
  ]);
  return row;
}

/** Changes how long a workspace keeps its runs. What is older by the new time goes with the next upkeep. */
export async function changeRetention(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  retentionDays: number,
): Promise<void> {
  await manager.query('update workspace set retention_days = $2 where id = $1', [workspaceId, retentionDays]);
}
