import { queues, type JsonObject, type RunId, type WorkspaceId } from '@millrace/contracts';
import {
  findParked,
  findParkedRequest,
  listParked,
  noteAct,
  removeParked,
  type Actor,
  type ParkedPlace,
  type ParkedSummary,
  type ParkedWhole,
} from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { fieldChanges } from '../http/field-changes.js';
import { mayBeSeen } from './named-workspaces.js';

type Deps = Pick<ApiDeps, 'database'>;

/** A message to put on a queue as it is. */
export interface OutgoingCopy {
  queue: string;
  messageId: string;
  headers: JsonObject;
  body: Buffer;
}

/** Puts a message on its queue. `confirmed` only once the broker holds it. */
export type SendCopy = (message: OutgoingCopy) => Promise<'confirmed' | 'noQueue' | 'unavailable'>;

const batch = 50;
/** To tell whose a message is, it is read whole; a page ends early rather than reading more than this. */
const maxReadBytes = 64 * 1024 * 1024;

/** A page of the parked messages that a workspace may see, newest first. It may hold fewer than asked for and go on. */
export async function listVisible(
  deps: Deps,
  workspaceId: WorkspaceId,
  { limit, before }: { limit: number; before: ParkedPlace | undefined },
): Promise<{ items: ParkedSummary[]; next: ParkedPlace | null }> {
  const items: ParkedSummary[] = [];
  let readBytes = 0;
  let last = before;
  for (;;) {
    const rows = await listParked(deps.database.dataSource.manager, { limit: batch, before: last });
    for (const row of rows) {
      if (items.length === limit || readBytes > maxReadBytes) return { items, next: last ?? null };
      last = row.place;
      readBytes += row.sizeBytes;
      if (await findVisible(deps, workspaceId, row.id)) items.push(row);
    }
    if (rows.length < batch) return { items, next: null };
  }
}

/** A parked message with its content; `undefined` when there is none that the workspace may see. */
export async function findVisible(deps: Deps, workspaceId: WorkspaceId, id: string): Promise<ParkedWhole | undefined> {
  const message = await findParked(deps.database, id);
  if (!message) return undefined;
  return (await mayBeSeen(deps.database.dataSource.manager, workspaceId, message)) ? message : undefined;
}

/** The accepted request of this id, if it was parked on its way to the orchestrator. */
export async function findVisibleRequest(
  deps: Deps,
  workspaceId: WorkspaceId,
  id: RunId,
): Promise<ParkedWhole | undefined> {
  const parkedId = await findParkedRequest(deps.database.dataSource.manager, queues.triggers, id);
  return parkedId === undefined ? undefined : findVisible(deps, workspaceId, parkedId);
}

export type Release = { outcome: 'released' | 'noQueue' | 'unavailable' };

/**
 * Puts a parked message back on its queue as it once was and removes it from here. It is removed only after the broker
 * has confirmed it: a crash between the two leads to a second release, which its id makes harmless.
 */
export async function releaseParked(
  deps: Deps & Pick<ApiDeps, 'sendCopy' | 'reached'>,
  actor: Actor,
  { id, queue, messageId, headers, body }: ParkedWhole,
): Promise<Release> {
  // Back on `parked` it would come here again, and `unknown` is where nobody knows the queue.
  if (['', 'unknown', queues.parked].includes(queue)) return { outcome: 'noQueue' };
  const sent = await deps.sendCopy({ queue, messageId, headers: originalHeaders(headers), body });
  if (sent !== 'confirmed') return { outcome: sent };
  deps.reached('release.confirmed');
  await endParked(deps, actor, { id, queue, messageId }, 'parked_message.released');
  deps.reached('release.removed');
  return { outcome: 'released' };
}

/** Removes a parked message, and notes what became of it. Of two who do it at once one notes it. */
export async function endParked(
  { database }: Deps,
  actor: Actor,
  { id, queue, messageId }: Pick<ParkedWhole, 'id' | 'queue' | 'messageId'>,
  action: 'parked_message.released' | 'parked_message.deleted',
): Promise<void> {
  await database.dataSource.transaction(async (manager) => {
    if (!(await removeParked(manager, id))) return;
    await noteAct(manager, actor, {
      action,
      entityId: id,
      entityName: messageId,
      changes: fieldChanges({}, { queue }),
    });
  });
}

// What parking, dead-lettering and the stay in the queue have added. The count of deliveries would make it dead at once.
const added = /^(?:x-millrace-park-.*|x-death|x-(?:first|last)-death-.*|x-delivery-count)$/;

/** The headers that a message had before it was parked. */
export function originalHeaders(headers: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !added.test(name)));
}
