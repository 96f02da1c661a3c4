import type { FlowId } from '@millrace/contracts';
import type { FlowRow, FlowVersionEntity, FlowVersionSummary } from '@millrace/persistence';
import type { Flow, Version, VersionSummary } from './schemas.js';

/** Where senders call a flow. */
export function webhookUrlOf(id: FlowId, hookUrl: string): string {
  return `${hookUrl}/hook/${id}`;
}

/** A flow as answers show it. */
export function flowView(flow: FlowRow, hookUrl: string): Flow {
  const { id, name, status, draft, draftRevision, publishedVersion, queuedRuns } = flow;
  return {
    id,
    name,
    status,
    draft,
    draftRevision,
    publishedVersion,
    queuedRuns,
    webhookUrl: webhookUrlOf(id, hookUrl),
    createdAt: flow.createdAt.toISOString(),
    updatedAt: flow.updatedAt.toISOString(),
  };
}

export function versionSummaryView(version: FlowVersionSummary): VersionSummary {
  const { id, flowId, number, createdBy, createdAt } = version;
  return { id, flowId, number, createdBy, createdAt: createdAt.toISOString() };
}

export function versionView(version: FlowVersionEntity): Version {
  return { ...versionSummaryView(version), definition: version.definition };
}
