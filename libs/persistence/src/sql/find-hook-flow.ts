import type { CredentialId, FlowId, FlowVersionId, WorkspaceId } from '@millrace/contracts';
import type { DraftStep } from '@millrace/flow-model';
import type { Database } from '../database.js';

/** What webhooks-service knows of a flow when a call arrives for it. */
export interface HookFlowRow {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  status: 'draft' | 'running' | 'paused' | 'stopped';
  versionId: FlowVersionId | null;
  trigger: DraftStep | null;
  credentialId: CredentialId | null;
  sealedCredential: string | null;
}

const text = `
select f.id as "flowId", f.workspace_id as "workspaceId", f.status, v.id as "versionId",
       v.definition -> 'steps' -> 0 as trigger, c.id as "credentialId", c.sealed as "sealedCredential"
from flow f
left join flow_version v on v.id = f.published_version_id
left join credential c
  on c.id = (v.definition -> 'steps' -> 0 ->> 'credentialId')::uuid and c.workspace_id = f.workspace_id
where f.id = $1`;

/** A flow by its id, which is its address: the caller of a webhook names no workspace, the row does. */
export async function findHookFlow(database: Database, flowId: FlowId): Promise<HookFlowRow | undefined> {
  return (await database.hot<HookFlowRow>({ name: 'find-hook-flow', text, values: [flowId] }))[0];
}
