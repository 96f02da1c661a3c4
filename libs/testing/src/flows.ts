import { newId, type CredentialId, type FlowId, type FlowVersionId, type WorkspaceId } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import type { Database } from '@millrace/persistence';

/** A workspace with one flow and its published version, as the control plane would have written them. */
export interface SeededFlow {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
}

/** Writes a workspace, a flow and version 1 of it. Ids in the definition are taken as they are. */
export async function seedFlow(
  database: Database,
  definition: FlowDraft,
  options: { status?: string; workspaceId?: WorkspaceId } = {},
): Promise<SeededFlow> {
  const workspaceId = options.workspaceId ?? newId<WorkspaceId>();
  const flowId = newId<FlowId>();
  const versionId = newId<FlowVersionId>();
  const json = JSON.stringify(definition);
  const run = (text: string, values: unknown[]) => database.dataSource.query(text, values);
  await run(`insert into workspace (id, name) values ($1, 'test') on conflict do nothing`, [workspaceId]);
  await run(`insert into flow (id, workspace_id, name, draft, status) values ($1, $2, 'test', $3, $4)`, [
    flowId,
    workspaceId,
    json,
    options.status ?? 'running',
  ]);
  await run(`insert into flow_version (id, workspace_id, flow_id, number, definition) values ($1, $2, $3, 1, $4)`, [
    versionId,
    workspaceId,
    flowId,
    json,
  ]);
  await run(`update flow set published_version_id = $2 where id = $1`, [flowId, versionId]);
  return { workspaceId, flowId, versionId };
}

/** Writes a sealed credential. */
export async function seedCredential(
  database: Database,
  credential: { id: CredentialId; workspaceId: WorkspaceId; component: string; sealed: string },
): Promise<void> {
  await database.dataSource.query(`insert into workspace (id, name) values ($1, 'test') on conflict do nothing`, [
    credential.workspaceId,
  ]);
  await database.dataSource.query(
    `insert into credential (id, workspace_id, component, name, sealed, status) values ($1, $2, $3, 'test', $4, 'verified')`,
    [credential.id, credential.workspaceId, credential.component, credential.sealed],
  );
}

/** Writes the schedule of a flow with a polling trigger, as publishing it would have; due at once unless it says when. */
export async function seedSchedule(database: Database, flow: SeededFlow, dueAt: Date = new Date()): Promise<void> {
  await database.dataSource.query(
    `insert into schedule (flow_id, workspace_id, version_id, trigger_operation, due_at) values ($1, $2, $3, 'test', $4)`,
    [flow.flowId, flow.workspaceId, flow.versionId, dueAt],
  );
}
