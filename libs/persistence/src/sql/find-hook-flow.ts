import type { CredentialId, FlowId, FlowVersionId, StepId, WorkspaceId } from '@millrace/contracts';
import type { DraftStep } from '@millrace/flow-model';
import type { Database } from '../database.js';

/** What webhooks-service knows of a flow when a call arrives for it. */
export interface HookFlowRow {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  status: 'draft' | 'running' | 'paused' | 'stopped';
  versionId: FlowVersionId | null;
  /** Of the published version. */
  trigger: DraftStep | null;
  credentialId: CredentialId | null;
  sealedCredential: string | null;
  /** Whether a step of the published version answers the caller. */
  replies: boolean;
  /** Requests per second that the workspace may make instead of the operator's number. */
  workspaceRequestsPerSecond: number | null;
  /** The step that waits for a request to become its sample; `null` when none does. */
  captureStepId: StepId | null;
  /** That step as the draft has it, else the webhook trigger of the draft, with its credential. */
  draftTrigger: DraftStep | null;
  draftCredentialId: CredentialId | null;
  draftSealedCredential: string | null;
}

// A version was checked when it was published; a draft may hold any text for a credential id.
const text = `
select f.id as "flowId", f.workspace_id as "workspaceId", f.status, v.id as "versionId",
       v.definition -> 'steps' -> 0 as trigger, c.id as "credentialId", c.sealed as "sealedCredential",
       exists (
         select from json_array_elements(v.definition -> 'steps') as published (step)
         where published.step ->> 'component' = 'webhook' and published.step ->> 'operation' = 'reply'
       ) as replies,
       w.requests_per_second as "workspaceRequestsPerSecond",
       s.step_id as "captureStepId", d.step as "draftTrigger",
       e.id as "draftCredentialId", e.sealed as "draftSealedCredential"
from flow f
join workspace w on w.id = f.workspace_id
left join flow_version v on v.id = f.published_version_id
left join credential c
  on c.id = (v.definition -> 'steps' -> 0 ->> 'credentialId')::uuid and c.workspace_id = f.workspace_id
left join sample_capture s on s.flow_id = f.id and s.expires_at > now()
left join lateral (
  select drafted.step, drafted.step ->> 'credentialId' as credential_id
  from json_array_elements(f.draft -> 'steps') as drafted (step)
  where drafted.step ->> 'id' = s.step_id
    or (drafted.step ->> 'component' = 'webhook' and drafted.step ->> 'operation' = 'receive')
  order by (drafted.step ->> 'id' = s.step_id) desc nulls last
  limit 1
) d on true
left join credential e
  on e.workspace_id = f.workspace_id
  and e.id = case when d.credential_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then d.credential_id::uuid end
where f.id = $1 and f.deleted_at is null`;

/** A flow by its id, which is its address: the caller of a webhook names no workspace, the row does. */
export async function findHookFlow(database: Database, flowId: FlowId): Promise<HookFlowRow | undefined> {
  return (await database.hot<HookFlowRow>({ name: 'find-hook-flow', text, values: [flowId] }))[0];
}
