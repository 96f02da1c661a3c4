import { isDeepStrictEqual } from 'node:util';
import type { FlowId, WorkspaceId } from '@millrace/contracts';
import { firstTime, isPolled, readSchedule, type DraftStep, type FlowDraft } from '@millrace/flow-model';
import { scheduleRepository, type Database, type FlowRow, type FlowVersionEntity } from '@millrace/persistence';

type Manager = Database['dataSource']['manager'];
type Definition = Pick<FlowVersionEntity, 'definition'>;

/*
 * What a change of a flow makes of its schedule, in the transaction of that change and under the lock on the flow. Pausing
 * and resuming are not among them: a schedule of a flow that does not run is not looked at, and a time that came
 * meanwhile is taken once it runs again.
 */

/** A new version is published: its trigger is polled from now on, or not at all. */
export async function publishSchedule(
  manager: Manager,
  workspaceId: WorkspaceId,
  { flow, version, before }: { flow: FlowRow; version: FlowVersionEntity; before: Definition | null },
): Promise<void> {
  const schedules = scheduleRepository(manager);
  const [trigger] = version.definition.steps;
  if (!trigger || !isPolled(trigger)) return schedules.remove(workspaceId, flow.id);
  await schedules.publish(workspaceId, {
    flowId: flow.id,
    versionId: version.id,
    triggerOperation: operationOf(trigger),
    dueAt: await dueAtOf(manager, flow, trigger, before?.definition.steps[0]),
  });
}

/** The flow is started: its schedule begins anew. */
export async function startSchedule(
  manager: Manager,
  workspaceId: WorkspaceId,
  { flowId, definition }: { flowId: FlowId; definition: FlowDraft },
): Promise<void> {
  const [trigger] = definition.steps;
  if (!trigger || !isPolled(trigger)) return;
  await scheduleRepository(manager).setDueAt(workspaceId, flowId, await firstTimeOf(manager, trigger));
}

/** The flow is stopped: it is polled no more, and its snapshot stays. */
export function stopSchedule(manager: Manager, workspaceId: WorkspaceId, flowId: FlowId): Promise<void> {
  return scheduleRepository(manager).setDueAt(workspaceId, flowId, null);
}

/** A running flow keeps its times where they are planned as before. */
async function dueAtOf(
  manager: Manager,
  flow: FlowRow,
  trigger: DraftStep,
  before: DraftStep | undefined,
): Promise<Date | null | 'kept'> {
  if (flow.status !== 'running' && flow.status !== 'paused') return null;
  const same = before && operationOf(before) === operationOf(trigger);
  if (same && isDeepStrictEqual(before.schedule, trigger.schedule)) return 'kept';
  return firstTimeOf(manager, trigger);
}

async function firstTimeOf(manager: Manager, { id, schedule = {} }: DraftStep): Promise<Date> {
  const read = readSchedule(schedule);
  if (!read.ok) throw new Error(`the schedule of ${id} cannot be read, though it was published`);
  const now = await scheduleRepository(manager).now();
  return new Date(firstTime(read.schedule, now.getTime()));
}

function operationOf({ component, operation }: DraftStep): string {
  return `${component}.${operation}`;
}
