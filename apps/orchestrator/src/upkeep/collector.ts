import {
  closeCollection,
  findDueCollections,
  markStepsSent,
  readStepRuns,
  releaseCollected,
  removeOldCollections,
  type Database,
  type DueCollection,
  type LookPause,
  type ReleasedCollection,
  type ReleasedItem,
} from '@millrace/persistence';
import type { Carry } from '@millrace/contracts';
import type { PlanStep } from '@millrace/flow-model';
import { collectedResult } from '../engine/collected-result.js';
import type { EngineDeps } from '../engine/deps.js';
import { dueInMs } from '../engine/dispatch.js';
import { findPlans } from '../engine/lookups.js';
import { persevere } from '../engine/persevere.js';
import type { FlowPlan } from '../engine/plans.js';
import { rebuildDispatch } from '../engine/rebuild.js';

const lookedAtOnce = 100;
/** Sent well before the reconciler takes them for those of somebody who was killed. */
const releasedAtOnce = 100;
/** When the branches of a run are looked at again, of which the last one may end without an item. */
const pause: LookPause = { shortestMs: 1_000, longestMs: 60_000 };
const removedAtOnce = 20;
const keptForMs = 24 * 3_600_000;

/**
 * Lets gathered items go on whose time has come, in portions. Several orchestrators share the work. What is released and whose
 * result is not sent, as after a kill, is taken up by whoever looks next (`sendUnsent`). Resolves how many steps were released.
 */
export async function collectDue(deps: EngineDeps, stopping: AbortSignal): Promise<number> {
  let total = 0;
  let due: DueCollection[] = [];
  do {
    // After those of the page before: what cannot go on stays due, and holds up no others.
    due = await findDueCollections(deps.database, { after: due.at(-1), limit: lookedAtOnce });
    for (const collection of due) {
      if (stopping.aborted) return total;
      total += await tryToGoOn(deps, collection, stopping);
    }
  } while (due.length === lookedAtOnce);
  return total;
}

async function tryToGoOn(deps: EngineDeps, collection: DueCollection, stopping: AbortSignal): Promise<number> {
  try {
    return await goOn(deps, collection, stopping);
  } catch (error) {
    deps.stopping.throwIfAborted();
    deps.logger.error({ err: error, collectionId: collection.id }, 'gathered items could not go on, they do later');
    return 0;
  }
}

async function goOn(
  deps: EngineDeps,
  { id, versionId, stepId, closed }: DueCollection,
  stopping: AbortSignal,
): Promise<number> {
  const plan = (await findPlans(deps, [versionId])).get(versionId);
  const step = plan?.step(stepId);
  if (!plan || !step) throw new Error(`there is no step ${stepId} in version ${versionId}`);
  if (!closed) {
    const closing = await closeCollection(deps.database, { id, ancestors: step.ancestors, pause });
    if (!closing) return 0;
    deps.reached('collections.closed');
  }
  let total = 0;
  for (let more = true; more && !stopping.aborted;) {
    const overdueAfterMs = dueInMs(deps, step);
    const collection = await releaseCollected(deps.database, { id, limit: releasedAtOnce, overdueAfterMs });
    if (!collection) break;
    if (collection.released.length > 0) deps.reached('collections.released');
    await send(deps, { plan, step, collection });
    total += collection.released.length;
    more = collection.more;
  }
  return total;
}

async function send(
  deps: EngineDeps,
  { plan, step, collection }: { plan: FlowPlan; step: PlanStep; collection: ReleasedCollection },
): Promise<void> {
  const { workspaceId, flowId } = plan;
  const carries = await carriesOf(deps, { plan, step, collection });
  const sent = collection.released.filter((item) => carries.has(item));
  await Promise.all(
    sent.map((item) => {
      const { runId, path, attempt } = item;
      const address = { workspaceId, flowId, versionId: plan.versionId, runId, stepId: step.id, path, attempt };
      const carry = carries.get(item) ?? noCarry;
      const result = collectedResult(address, { step: item, collection, component: step.component, carry });
      return persevere(deps, 'publishing the result of a gathered item', () => deps.broker.publish(result));
    }),
  );
  if (sent.length > 0) await persevere(deps, 'noting what is sent', () => markStepsSent(deps.database, sent));
}

const noCarry: Carry = { steps: {} };

/** What the results carry. From those without an output nothing follows, but for answers to callers who wait. */
async function carriesOf(
  deps: EngineDeps,
  { plan, step, collection }: { plan: FlowPlan; step: PlanStep; collection: ReleasedCollection },
): Promise<Map<ReleasedItem, Carry>> {
  const { holder, released } = collection;
  const carries = new Map<ReleasedItem, Carry>();
  for (const item of released) {
    const holds = item.runId === holder.runId && item.path === holder.path;
    if (!holds && !plan.replies) {
      carries.set(item, noCarry);
      continue;
    }
    const dispatch = await persevere(deps, 'reading a step run', async () => {
      const [row] = await readStepRuns(deps.database, [item]);
      return row && (await rebuildDispatch(deps, plan, step, row));
    });
    if (dispatch) carries.set(item, dispatch.carry);
  }
  return carries;
}

/** Removes collections a day after their items went on. Several orchestrators at once share the work. */
export async function removeCollections(database: Database, stopping: AbortSignal): Promise<void> {
  for (let removed = removedAtOnce; removed === removedAtOnce && !stopping.aborted;) {
    removed = await removeOldCollections(database, { limit: removedAtOnce, keptForMs });
  }
}
