import type { CredentialId, FlowId, FlowVersionId, StepId, WorkspaceId } from '@millrace/contracts';
import type { DraftStep } from '@millrace/flow-model';
import { arrayParameter, columnsOf } from '../array-parameter.js';
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
  /** Another one once a row that any of this comes from is written anew; that of a version never is. */
  stamp: string;
}

/** What a copy of a row was made from. */
export type HookFlowCopy = Pick<HookFlowRow, 'flowId' | 'credentialId' | 'draftCredentialId' | 'stamp'>;

// `xmin` is the transaction that wrote a row, which is cheaper to read than what it wrote.
const stamp = `concat(f.xmin, ' ', w.xmin, ' ', c.xmin, ' ', e.xmin, ' ', s.xmin)`;

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
       e.id as "draftCredentialId", e.sealed as "draftSealedCredential", ${stamp} as stamp
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
where f.id = any($1::uuid[]) and f.deleted_at is null`;

/** Flows by their ids, which are their addresses: the caller of a webhook names no workspace, the row does. */
export async function findHookFlows(
  database: Database,
  flowIds: readonly FlowId[],
): Promise<ReadonlyMap<FlowId, HookFlowRow>> {
  const rows = await database.hot<HookFlowRow>({
    name: 'find-hook-flows',
    text,
    values: [arrayParameter('uuid', flowIds)],
  });
  return new Map(rows.map((row) => [row.flowId, row]));
}

const stamps = `
select f.id as "flowId", ${stamp} as stamp
from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as copy (flow_id, credential_id, draft_credential_id)
join flow f on f.id = copy.flow_id
join workspace w on w.id = f.workspace_id
left join credential c on c.id = copy.credential_id and c.workspace_id = f.workspace_id
left join credential e on e.id = copy.draft_credential_id and e.workspace_id = f.workspace_id
left join sample_capture s on s.flow_id = f.id and s.expires_at > now()`;

/** Of copies that were made, the flows whose copies still say what the rows say. */
export async function unchangedHookFlows(
  database: Database,
  copies: readonly HookFlowCopy[],
): Promise<ReadonlySet<FlowId>> {
  const column = columnsOf(copies);
  const values = [
    column('uuid', ({ flowId }) => flowId),
    column('uuid', ({ credentialId }) => credentialId),
    column('uuid', ({ draftCredentialId }) => draftCredentialId),
  ];
  const rows = await database.hot<Pick<HookFlowRow, 'flowId' | 'stamp'>>({
    name: 'unchanged-hook-flows',
    text: stamps,
    values,
  });
  const present = new Map(rows.map(({ flowId, stamp: written }) => [flowId, written]));
  return new Set(copies.filter((copy) => present.get(copy.flowId) === copy.stamp).map(({ flowId }) => flowId));
}
