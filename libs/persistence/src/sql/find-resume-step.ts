import type { CredentialId, FlowId, FlowVersionId, ResumeTarget, StepId, WorkspaceId } from '@millrace/contracts';
import type { DraftStep, FlowDraft } from '@millrace/flow-model';
import type { Database } from '../database.js';
import { resumeVersions } from './resume-versions.js';

/** What webhooks-service knows of a step when its resume URL is called. */
export interface ResumeStepRow {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  step: DraftStep;
  edges: FlowDraft['edges'];
  /** Of the credential that the step asks of its callers. */
  credentialId: CredentialId | null;
  sealedCredential: string | null;
  /** Requests per second that the workspace may make instead of the operator's number. */
  workspaceRequestsPerSecond: number | null;
}

const text = `
select v.workspace_id as "workspaceId", v.flow_id as "flowId", s.step, v.definition -> 'edges' as edges,
       c.id as "credentialId", c.sealed as "sealedCredential",
       w.requests_per_second as "workspaceRequestsPerSecond"
from flow_version v
join workspace w on w.id = v.workspace_id
join lateral (
  select published.step from json_array_elements(v.definition -> 'steps') as published (step)
  where published.step ->> 'id' = $2
) s on true
left join credential c
  on c.workspace_id = v.workspace_id
  and c.id = case s.step -> 'config' ->> 'authentication'
               when 'own' then (s.step ->> 'credentialId')::uuid
               when 'flow' then (v.definition -> 'steps' -> 0 ->> 'credentialId')::uuid
             end
where v.id = $1`;

/** A step of a version. The version's id comes from a signed URL, which names no workspace: the row does. */
export async function findResumeStep(
  database: Database,
  versionId: FlowVersionId,
  stepId: StepId,
): Promise<ResumeStepRow | undefined> {
  return (await database.hot<ResumeStepRow>({ name: 'find-resume-step', text, values: [versionId, stepId] }))[0];
}

const versionsText = `select version_id as "versionId" from (${resumeVersions}) v order by version_id`;

/** The versions of the step runs that a call would resume; that of the URL as long as there is none. */
export async function findResumeVersions(database: Database, target: ResumeTarget): Promise<FlowVersionId[]> {
  const { runId, stepId, path, versionId } = target;
  const rows = await database.hot<{ versionId: FlowVersionId }>({
    name: 'find-resume-versions',
    text: versionsText,
    values: [runId, stepId, path],
  });
  return rows.length > 0 ? rows.map((row) => row.versionId) : [versionId];
}
