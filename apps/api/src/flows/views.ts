import type { FlowId } from '@millrace/contracts';
import { hasPollingTrigger, type ScheduleSettings } from '@millrace/flow-model';
import {
  componentRepository,
  type Database,
  type FlowRow,
  type FlowVersionEntity,
  type FlowVersionSummary,
  type ScheduleRow,
} from '@millrace/persistence';
import type { FlowSchedule } from './schedule-schemas.js';
import type { Flow, Version, VersionSummary } from './schemas.js';

/** Where senders call a flow. */
export function webhookUrlOf(id: FlowId, hookUrl: string): string {
  return `${hookUrl}/hook/${id}`;
}

/**
 * Flows as answers show them. One that is polled has no webhook URL: its published version tells, and its draft and the
 * catalogue as long as nothing is published.
 */
export async function flowViews(
  { dataSource }: Pick<Database, 'dataSource'>,
  flows: FlowRow[],
  hookUrl: string,
): Promise<Flow[]> {
  const drafts = flows.filter(({ publishedVersionId }) => publishedVersionId === null);
  const names = new Set(drafts.flatMap(({ draft }) => draft.steps[0]?.component ?? []));
  const components = names.size === 0 ? [] : await componentRepository(dataSource.manager).findAll([...names]);
  const descriptors = new Map(components.map(({ name, descriptor }) => [name, descriptor]));
  const catalogue = { component: (name: string) => descriptors.get(name) };
  return flows.map((flow) => {
    const polled = flow.publishedVersionId ? flow.polled : hasPollingTrigger(flow.draft, catalogue);
    return shownFlow(flow, polled ? null : webhookUrlOf(flow.id, hookUrl));
  });
}

/** One flow, as `flowViews`. */
export async function flowView(database: Pick<Database, 'dataSource'>, flow: FlowRow, hookUrl: string): Promise<Flow> {
  const [view] = await flowViews(database, [flow], hookUrl);
  if (!view) throw new Error(`flow ${flow.id} has no view`);
  return view;
}

function shownFlow(flow: FlowRow, webhookUrl: string | null): Flow {
  const { id, name, status, draft, draftRevision, publishedVersion, queuedRuns } = flow;
  return {
    id,
    name,
    status,
    draft,
    draftRevision,
    publishedVersion,
    queuedRuns,
    webhookUrl,
    createdAt: flow.createdAt.toISOString(),
    updatedAt: flow.updatedAt.toISOString(),
  };
}

export function scheduleView(row: ScheduleRow, schedule: ScheduleSettings): FlowSchedule {
  return {
    schedule,
    nextAt: row.flowStatus === 'running' ? (row.dueAt?.toISOString() ?? null) : null,
    lastAt: row.lastAt?.toISOString() ?? null,
    lastStatus: row.lastStatus,
    lastOutputs: row.lastOutputs,
    lastRunId: row.lastRunId,
    snapshot: row.snapshot,
    snapshotAt: row.snapshotAt?.toISOString() ?? null,
  };
}

export function versionSummaryView(version: FlowVersionSummary): VersionSummary {
  const { id, flowId, number, createdBy, createdAt } = version;
  return { id, flowId, number, createdBy, createdAt: createdAt.toISOString() };
}

export function versionView(version: FlowVersionEntity): Version {
  return { ...versionSummaryView(version), definition: version.definition };
}
