import { isDeepStrictEqual } from 'node:util';
import { newId, type FlowId, type UserId, type WorkspaceId } from '@millrace/contracts';
import type { Problem } from '@millrace/flow-model';
import {
  credentialRepository,
  flowRepository,
  flowVersionRepository,
  sampleRepository,
  scheduleRepository,
  type FlowRow,
  type FlowVersionEntity,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { maxNameLength } from '../http/fields.js';
import { credentialIdsOf, draftProblems, publishedForm } from './draft-problems.js';
import { publishSchedule, startSchedule, stopSchedule } from './schedule-changes.js';

type Deps = Pick<ApiDeps, 'database' | 'invalidate'>;

export type Publication =
  | { outcome: 'published'; version: FlowVersionEntity }
  /** The draft is what is published already. */
  | { outcome: 'unchanged'; version: FlowVersionEntity }
  | { outcome: 'invalid'; problems: Problem[] }
  | { outcome: 'missing' }
  | { outcome: 'changedMeanwhile'; revision: number };

export interface PublishOrder {
  flowId: FlowId;
  userId: UserId;
  /** The revision of the draft that the user means; without it the present one, whatever it is. */
  expectedRevision: number | undefined;
}

/**
 * Makes the draft of a flow its next version, unless it is the present one already. The flow is locked meanwhile, so that
 * versions made at the same time get different numbers and each is the draft of its moment.
 */
export async function publishFlow(deps: Deps, workspaceId: WorkspaceId, order: PublishOrder): Promise<Publication> {
  const { flowId, userId, expectedRevision } = order;
  const publication = await deps.database.dataSource.transaction(async (manager): Promise<Publication> => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (!flow) return { outcome: 'missing' };
    if (expectedRevision !== undefined && expectedRevision !== flow.draftRevision) {
      return { outcome: 'changedMeanwhile', revision: flow.draftRevision };
    }
    const problems = await draftProblems(manager, workspaceId, flow.draft, { hold: true });
    if (problems.length > 0) return { outcome: 'invalid', problems };
    const versions = flowVersionRepository(manager);
    const present = flow.publishedVersionId && (await versions.find(workspaceId, flow.publishedVersionId));
    const definition = await publishedForm(manager, flow.draft);
    if (present && isDeepStrictEqual(present.definition, definition)) return { outcome: 'unchanged', version: present };
    const version = await versions.append(workspaceId, {
      flowId,
      definition,
      createdBy: userId,
    });
    await flows.setPublishedVersion(workspaceId, flowId, version.id);
    await publishSchedule(manager, workspaceId, { flow, version, before: present });
    return { outcome: 'published', version };
  });
  if (publication.outcome === 'published') await deps.invalidate({ flowIds: [flowId] });
  return publication;
}

/**
 * Makes a new flow with the draft and the samples of another; without a name it is called a copy of it. Resolves `undefined`
 * when the workspace has no such flow. Credentials are named, not copied: both flows use the same.
 */
export async function copyFlow(
  { database }: Pick<Deps, 'database'>,
  workspaceId: WorkspaceId,
  { flowId, name }: { flowId: FlowId; name: string | undefined },
): Promise<FlowRow | undefined> {
  return database.dataSource.transaction(async (manager) => {
    const flows = flowRepository(manager);
    const flow = await flows.find(workspaceId, flowId);
    if (!flow) return undefined;
    const id = newId<FlowId>();
    const copyName = name ?? `Copy of ${flow.name}`.slice(0, maxNameLength).trim();
    await flows.create(workspaceId, { id, name: copyName, draft: flow.draft });
    await sampleRepository(manager).copy(workspaceId, flowId, id);
    return flows.find(workspaceId, id);
  });
}

export type Start =
  | { outcome: 'started'; flow: FlowRow }
  | { outcome: 'missing' | 'notPublished' }
  | { outcome: 'credentialsMissing'; stepIds: string[] };

/** Lets calls of the flow's webhook URL in, or has its trigger polled. Safe to repeat. */
export async function startFlow(deps: Deps, workspaceId: WorkspaceId, flowId: FlowId): Promise<Start> {
  const start = await deps.database.dataSource.transaction(async (manager): Promise<Start> => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (!flow) return { outcome: 'missing' };
    const versionId = flow.publishedVersionId;
    const version = versionId && (await flowVersionRepository(manager).find(workspaceId, versionId));
    if (!version) return { outcome: 'notPublished' };
    const { definition } = version;
    // A credential may have been deleted since it was published.
    const present = await credentialRepository(manager).holdComponents(workspaceId, credentialIdsOf(definition));
    const stepIds = definition.steps
      .filter((step) => step.credentialId && !present.has(step.credentialId))
      .map((step) => step.id);
    if (stepIds.length > 0) return { outcome: 'credentialsMissing', stepIds };
    if (flow.status !== 'running') {
      await flows.setStatus(workspaceId, flowId, 'running');
      await startSchedule(manager, workspaceId, { flowId, definition });
    }
    return { outcome: 'started', flow: (await flows.find(workspaceId, flowId)) ?? flow };
  });
  if (start.outcome === 'started') await deps.invalidate({ flowIds: [flowId] });
  return start;
}

/** Lets no more calls in; runs that began go on. Safe to repeat; a flow that never ran stays as it is. */
export async function stopFlow(
  deps: Deps,
  workspaceId: WorkspaceId,
  flowId: FlowId,
): Promise<{ outcome: 'stopped'; flow: FlowRow } | { outcome: 'missing' }> {
  const stop = await deps.database.dataSource.transaction(async (manager) => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (flow && isActive(flow)) {
      await flows.setStatus(workspaceId, flowId, 'stopped');
      await stopSchedule(manager, workspaceId, flowId);
    }
    return flows.find(workspaceId, flowId);
  });
  if (!stop) return { outcome: 'missing' };
  await deps.invalidate({ flowIds: [flowId] });
  return { outcome: 'stopped', flow: stop };
}

/** Deletes a flow that is not running. */
export async function removeFlow(
  deps: Deps,
  workspaceId: WorkspaceId,
  flowId: FlowId,
): Promise<{ outcome: 'removed' | 'missing' | 'active' }> {
  const removal = await deps.database.dataSource.transaction(async (manager) => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (!flow) return { outcome: 'missing' as const };
    if (isActive(flow)) return { outcome: 'active' as const };
    await flows.remove(workspaceId, flowId);
    await sampleRepository(manager).disarm(workspaceId, flowId);
    await scheduleRepository(manager).remove(workspaceId, flowId);
    return { outcome: 'removed' as const };
  });
  if (removal.outcome === 'removed') await deps.invalidate({ flowIds: [flowId] });
  return removal;
}

function isActive(flow: FlowRow): boolean {
  return flow.status === 'running' || flow.status === 'paused';
}
