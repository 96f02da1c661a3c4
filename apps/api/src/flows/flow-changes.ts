import { isDeepStrictEqual } from 'node:util';
import { newId, type FlowId, type UserId, type WorkspaceId } from '@millrace/contracts';
import type { Problem } from '@millrace/flow-model';
import {
  credentialRepository,
  flowQueueRepository,
  flowRepository,
  flowVersionRepository,
  noteAct,
  sampleRepository,
  scheduleRepository,
  type Actor,
  type AuditAction,
  type FieldChange,
  type FlowRow,
  type FlowVersionEntity,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { maxNameLength } from '../http/fields.js';
import { credentialIdsOf, draftProblems, publishedForm } from './draft-problems.js';
import { publishSchedule, startSchedule, stopSchedule } from './schedule-changes.js';

type Deps = Pick<ApiDeps, 'database' | 'invalidate' | 'reached'>;
type Manager = Parameters<typeof flowRepository>[0];

export type Publication =
  | { outcome: 'published'; version: FlowVersionEntity }
  /** The draft is what is published already. */
  | { outcome: 'unchanged'; version: FlowVersionEntity }
  | { outcome: 'invalid'; problems: Problem[] }
  | { outcome: 'missing' }
  | { outcome: 'changedMeanwhile'; revision: number };

/** A user who acts. */
type User = Actor & { userId: UserId };

async function note(
  manager: Manager,
  actor: Actor,
  act: { action: AuditAction; flow: Pick<FlowRow, 'id' | 'name'>; changes?: FieldChange[] },
): Promise<void> {
  const { action, flow, changes = [] } = act;
  await noteAct(manager, actor, { action, entityId: flow.id, entityName: flow.name, changes });
}

/** The change of a flow's status, for the audit. */
function statusChange(before: FlowRow['status'], after: FlowRow['status']): FieldChange {
  return { field: 'status', before, after };
}

export interface PublishOrder {
  flowId: FlowId;
  /** The revision of the draft that the user means; without it the present one, whatever it is. */
  expectedRevision: number | undefined;
}

/**
 * Makes the draft of a flow its next version, unless it is the present one already. The flow is locked meanwhile, so that
 * versions made at the same time get different numbers and each is the draft of its moment.
 */
export async function publishFlow(deps: Deps, user: User, order: PublishOrder): Promise<Publication> {
  const { flowId, expectedRevision } = order;
  const { workspaceId, userId } = user;
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
    const numbers = { field: 'publishedVersion', before: flow.publishedVersion, after: version.number };
    await note(manager, user, { action: 'flow.published', flow, changes: [numbers] });
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
  actor: Actor,
  { flowId, name }: { flowId: FlowId; name: string | undefined },
): Promise<FlowRow | undefined> {
  const { workspaceId } = actor;
  return database.dataSource.transaction(async (manager) => {
    const flows = flowRepository(manager);
    const flow = await flows.find(workspaceId, flowId);
    if (!flow) return undefined;
    const id = newId<FlowId>();
    const copyName = name ?? `Copy of ${flow.name}`.slice(0, maxNameLength).trim();
    await flows.create(workspaceId, { id, name: copyName, draft: flow.draft });
    await sampleRepository(manager).copy(workspaceId, flowId, id);
    const changes = [{ field: 'copyOf', after: flowId }];
    await note(manager, actor, { action: 'flow.copied', flow: { id, name: copyName }, changes });
    return flows.find(workspaceId, id);
  });
}

export type Start =
  | { outcome: 'started'; flow: FlowRow }
  | { outcome: 'missing' | 'notPublished' | 'paused' }
  | { outcome: 'credentialsMissing'; stepIds: string[] };

/** Lets calls of the flow's webhook URL in, or has its trigger polled, and begins what had queued up before it was stopped. Safe to repeat. */
export async function startFlow(deps: Deps, actor: Actor, flowId: FlowId): Promise<Start> {
  const { workspaceId } = actor;
  const start = await deps.database.dataSource.transaction(async (manager): Promise<Start> => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (!flow) return { outcome: 'missing' };
    if (flow.status === 'paused') return { outcome: 'paused' };
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
      await letGo(manager, workspaceId, { flowId, runsPerSecond: null });
      await note(manager, actor, { action: 'flow.started', flow, changes: [statusChange(flow.status, 'running')] });
    }
    return { outcome: 'started', flow: (await flows.find(workspaceId, flowId)) ?? flow };
  });
  if (start.outcome === 'started') await deps.invalidate({ flowIds: [flowId] });
  return start;
}

export interface ResumeOrder {
  flowId: FlowId;
  /** How many of the runs that have queued up begin in a second; `null` for what the version says. */
  runsPerSecond: number | null;
}

async function letGo(manager: Manager, workspaceId: WorkspaceId, order: ResumeOrder): Promise<void> {
  const queues = flowQueueRepository(manager);
  await queues.hold(workspaceId, order.flowId, false);
  await queues.drain(workspaceId, order.flowId, order.runsPerSecond);
}

export type Pause = { outcome: 'paused'; flow: FlowRow } | { outcome: 'missing' | 'notRunning' };

/**
 * Goes on to let calls in, and holds their runs. Once it resolves, no run of a request that is accepted from then on begins;
 * runs that began go on. Safe to repeat.
 */
export async function pauseFlow(deps: Deps, actor: Actor, flowId: FlowId): Promise<Pause> {
  const { workspaceId } = actor;
  const pause = await deps.database.dataSource.transaction(async (manager): Promise<Pause> => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (!flow) return { outcome: 'missing' };
    if (!isActive(flow)) return { outcome: 'notRunning' };
    await flows.setStatus(workspaceId, flowId, 'paused');
    await flowQueueRepository(manager).hold(workspaceId, flowId, true);
    if (flow.status !== 'paused') {
      await note(manager, actor, { action: 'flow.paused', flow, changes: [statusChange(flow.status, 'paused')] });
    }
    return { outcome: 'paused', flow: (await flows.find(workspaceId, flowId)) ?? flow };
  });
  if (pause.outcome === 'paused') await deps.invalidate({ flowIds: [flowId] });
  return pause;
}

export type Resume = { outcome: 'resumed'; flow: FlowRow } | { outcome: 'missing' | 'notPaused' };

/** Begins what has queued up, and what comes from now on at once. Of a flow that runs it sets the rate anew. */
export async function resumeFlow(deps: Deps, actor: Actor, order: ResumeOrder): Promise<Resume> {
  const { flowId, runsPerSecond } = order;
  const { workspaceId } = actor;
  const resume = await deps.database.dataSource.transaction(async (manager): Promise<Resume> => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (!flow) return { outcome: 'missing' };
    if (!isActive(flow)) return { outcome: 'notPaused' };
    if (flow.status === 'paused') await flows.setStatus(workspaceId, flowId, 'running');
    await letGo(manager, workspaceId, order);
    const changes = [statusChange(flow.status, 'running'), { field: 'runsPerSecond', after: runsPerSecond }];
    await note(manager, actor, { action: 'flow.resumed', flow, changes });
    return { outcome: 'resumed', flow: (await flows.find(workspaceId, flowId)) ?? flow };
  });
  if (resume.outcome === 'resumed') await deps.invalidate({ flowIds: [flowId] });
  return resume;
}

const cancelledAtOnce = 2_000;

/** Cancels the runs of a flow that wait to begin, in portions, each with its entry in the audit. Resolves how many. */
export async function cancelQueuedRuns(
  { database }: Pick<Deps, 'database'>,
  actor: Actor,
  flow: Pick<FlowRow, 'id' | 'name'>,
): Promise<number> {
  let total = 0;
  for (let more = true; more;) {
    const portion = await database.dataSource.transaction(async (manager) => {
      const { cancelled, more: left } = await flowQueueRepository(manager).cancel(
        actor.workspaceId,
        flow.id,
        cancelledAtOnce,
      );
      const changes = [{ field: 'cancelledRuns', after: cancelled }];
      if (cancelled > 0) await note(manager, actor, { action: 'flow.queue_cancelled', flow, changes });
      return { cancelled, more: left };
    });
    total += portion.cancelled;
    more = portion.more;
  }
  return total;
}

/**
 * Lets no more calls in; runs that began go on, and those that have queued up stay so. Safe to repeat; a flow that never ran
 * stays as it is.
 */
export async function stopFlow(
  deps: Deps,
  actor: Actor,
  flowId: FlowId,
): Promise<{ outcome: 'stopped'; flow: FlowRow } | { outcome: 'missing' }> {
  const { workspaceId } = actor;
  const stop = await deps.database.dataSource.transaction(async (manager) => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (flow && isActive(flow)) {
      await flows.setStatus(workspaceId, flowId, 'stopped');
      await stopSchedule(manager, workspaceId, flowId);
      await note(manager, actor, { action: 'flow.stopped', flow, changes: [statusChange(flow.status, 'stopped')] });
    }
    return flows.find(workspaceId, flowId);
  });
  if (!stop) return { outcome: 'missing' };
  await deps.invalidate({ flowIds: [flowId] });
  return { outcome: 'stopped', flow: stop };
}

/** Deletes a flow that is not running, and cancels its runs that wait to begin. */
export async function removeFlow(
  deps: Deps,
  actor: Actor,
  flowId: FlowId,
): Promise<{ outcome: 'removed' | 'missing' | 'active' }> {
  const { workspaceId } = actor;
  const removal = await deps.database.dataSource.transaction(async (manager) => {
    const flows = flowRepository(manager);
    const flow = await flows.lock(workspaceId, flowId);
    if (!flow) return { outcome: 'missing' as const };
    if (isActive(flow)) return { outcome: 'active' as const };
    await flows.remove(workspaceId, flowId);
    await sampleRepository(manager).disarm(workspaceId, flowId);
    await scheduleRepository(manager).remove(workspaceId, flowId);
    await note(manager, actor, { action: 'flow.deleted', flow });
    return { outcome: 'removed' as const, flow };
  });
  if (removal.outcome === 'removed') {
    await deps.invalidate({ flowIds: [flowId] });
    deps.reached('flow.removed');
    // What comes from the broker later, or is left by a kill here, the orchestrator cancels.
    await cancelQueuedRuns(deps, actor, removal.flow);
  }
  return { outcome: removal.outcome };
}

function isActive(flow: FlowRow): boolean {
  return flow.status === 'running' || flow.status === 'paused';
}
