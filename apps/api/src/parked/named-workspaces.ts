import { isJsonObject, parseId, queues, type FlowId, type JsonObject, type WorkspaceId } from '@millrace/contracts';
import { FlowEntity, WorkspaceEntity, type Database } from '@millrace/persistence';

type Manager = Database['dataSource']['manager'];

/** The parts of a parked message that may say whose it is. */
export interface ParkedContent {
  queue: string;
  headers: JsonObject;
  body: Buffer;
}

interface Names {
  workspaceIds: Set<WorkspaceId>;
  flowIds: Set<FlowId>;
}

/** What the message says of the workspaces and flows that it belongs to. */
export function namesIn({ queue, headers, body }: ParkedContent): Names {
  const names: Names = { workspaceIds: new Set(), flowIds: new Set() };
  collect(headers, names);
  // Where a trigger message says which flow it is for.
  collect(jsonOf(headers['trigger']), names);
  // The body of a trigger is what a sender wrote: it says nothing of ours.
  if (queue !== queues.triggers) collect(jsonOf(body.toString()), names);
  return names;
}

/**
 * Whether a workspace may see a parked message: when the message names this workspace and no other one, itself or by
 * its flow. What names none, because it cannot be read, is the operator's business: the first workspace may see it.
 */
export async function mayBeSeen(manager: Manager, workspaceId: WorkspaceId, content: ParkedContent): Promise<boolean> {
  const { workspaceIds, flowIds } = namesIn(content);
  for (const id of flowIds) {
    const flow = await manager.findOne(FlowEntity, { select: { id: true, workspaceId: true }, where: { id } });
    if (flow) workspaceIds.add(flow.workspaceId);
  }
  if (workspaceIds.size === 0) return (await firstWorkspace(manager)) === workspaceId;
  return workspaceIds.size === 1 && workspaceIds.has(workspaceId);
}

async function firstWorkspace(manager: Manager): Promise<WorkspaceId | undefined> {
  const [first] = await manager.find(WorkspaceEntity, { order: { createdAt: 'ASC', id: 'ASC' }, take: 1 });
  return first?.id;
}

function collect(value: unknown, names: Names): void {
  if (!isJsonObject(value)) return;
  const workspaceId = idOf<WorkspaceId>(value['workspaceId']);
  if (workspaceId) names.workspaceIds.add(workspaceId);
  const flowId = idOf<FlowId>(value['flowId']);
  if (flowId) names.flowIds.add(flowId);
}

function idOf<Id extends string>(value: unknown): Id | undefined {
  return typeof value === 'string' ? parseId<Id>(value) : undefined;
}

function jsonOf(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
