import type { FlowId, FlowVersionId, WorkspaceId } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import type { Database } from '../database.js';

export interface FlowVersionRow {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  definition: FlowDraft;
}

const text = `
select workspace_id as "workspaceId", flow_id as "flowId", definition from flow_version where id = $1`;

/** A published version by its id, which is unique across workspaces; the row says whose it is. */
export async function readFlowVersion(
  database: Database,
  versionId: FlowVersionId,
): Promise<FlowVersionRow | undefined> {
  return (await database.hot<FlowVersionRow>({ name: 'read-flow-version', text, values: [versionId] }))[0];
}
