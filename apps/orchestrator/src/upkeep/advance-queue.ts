import type { FlowId, RunId } from '@millrace/contracts';
import type { Beginning, Plan } from '@millrace/flow-model';
import {
  beginHeldRuns,
  cancelHeldRuns,
  chooseRuns,
  comeForward,
  freePlaces,
  ignoreOrder,
  readArrived,
  readQueueState,
  refillTokens,
  spendTokens,
  tryQueueLock,
  type Database,
  type FailedKeys,
  type QueueState,
} from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { dueInMs } from '../engine/dispatch.js';

type Manager = Database['dataSource']['manager'];

/** A run that was made running, and whose trigger step must be sent. */
export interface BegunHeld {
  runId: RunId;
  plan: Plan;
}

/** What one turn of a queue did. */
export interface Advance {
  /** `busy`: somebody else has the queue at the moment, and nothing was done. */
  outcome: 'advanced' | 'busy';
  begun: BegunHeld[];
  /** Whether anything has changed, and whether more may change at once. */
  progress: boolean;
  more: boolean;
  /** Whether runs wait for the rate at which the queue is drained. */
  waitsForRate: boolean;
  /** The components of the flow's steps. */
  components: readonly string[];
}

export interface AdvanceOptions {
  /** Runs that begin, at most; as many as have ended may begin in any case, within reason. */
  limit: number;
  /** Looks also at keys that failed runs keep. */
  whole: boolean;
}

/** Of what is looked through in one turn. */
const takenAtOnce = 500;
const mostBegun = 50;

const failedKeys = { continue: 'free', block: 'untilRetried', park: 'untilReleased' } as const;

const untouched: Advance = {
  outcome: 'advanced',
  begun: [],
  progress: false,
  more: false,
  waitsForRate: false,
  components: [],
};

/**
 * Decides in the queue of one flow, in one transaction: takes the places of runs that have ended, lets the next of their keys
 * come forward, and makes as many running as there is room for. What has begun must be sent by the caller; it is marked as
 * unsent until then. The settings are those of the published version; a flow that does not run only keeps its order.
 */
export function advanceQueue(deps: EngineDeps, flowId: FlowId, options: AdvanceOptions): Promise<Advance> {
  return deps.database.dataSource.transaction(async (manager): Promise<Advance> => {
    if (!(await tryQueueLock(manager, flowId))) return { ...untouched, outcome: 'busy' };
    const state = await readQueueState(manager, flowId);
    if (!state || state.deleted) return emptyQueue(manager, flowId);
    const { publishedVersionId, status } = state;
    const plan = publishedVersionId === null ? undefined : await deps.plans.find(publishedVersionId);
    const ordered = await order(manager, flowId, plan?.beginning, options);
    const advance = { ...untouched, ...ordered, components: plan?.components ?? [] };
    if (status !== 'running') return advance;
    const limit = Math.max(options.limit, Math.min(ordered.freed, mostBegun));
    const began = await begin(deps, manager, { flowId, state, beginning: plan?.beginning, limit });
    return {
      ...advance,
      begun: began.begun,
      waitsForRate: began.waitsForRate,
      progress: ordered.progress || began.progress,
      more: ordered.more || began.more,
    };
  });
}

/** Nobody starts the flow again: what waits for that will never run. */
async function emptyQueue(manager: Manager, flowId: FlowId): Promise<Advance> {
  const { taken } = await cancelHeldRuns(manager, flowId, takenAtOnce);
  const { count } = await freePlaces(manager, flowId, { failedKeys: 'free', whole: true });
  return { ...untouched, progress: taken + count > 0, more: taken === takenAtOnce };
}

async function order(
  manager: Manager,
  flowId: FlowId,
  beginning: Beginning | undefined,
  { whole }: AdvanceOptions,
): Promise<{ freed: number; progress: boolean; more: boolean }> {
  const policy: FailedKeys = beginning?.order ? failedKeys[beginning.order.onFailure] : 'free';
  const { count, keys } = await freePlaces(manager, flowId, { failedKeys: policy, whole });
  if (!beginning?.order) {
    const moved = await ignoreOrder(manager, flowId, takenAtOnce);
    return { freed: count, progress: count + moved > 0, more: moved === takenAtOnce };
  }
  const arrived = await readArrived(manager, flowId, takenAtOnce);
  await comeForward(manager, flowId, { arrived, keys });
  return { freed: count, progress: count + arrived.length > 0, more: arrived.length === takenAtOnce };
}

interface BeginOptions {
  flowId: FlowId;
  state: QueueState;
  beginning: Beginning | undefined;
  limit: number;
}

async function begin(
  deps: EngineDeps,
  manager: Manager,
  { flowId, state, beginning, limit }: BeginOptions,
): Promise<Pick<Advance, 'begun' | 'progress' | 'more' | 'waitsForRate'>> {
  const { drainBefore } = state;
  const perSecond = state.runsPerSecond ?? beginning?.resumePerSecond;
  const tokens = drainBefore !== null && perSecond ? await refillTokens(manager, flowId, perSecond) : undefined;
  const drain = drainBefore === null || tokens === undefined ? null : { before: drainBefore, limit: tokens };
  const concurrency = beginning?.concurrency ?? null;
  const chosen = await chooseRuns(manager, flowId, { limit, concurrency, drain });
  const waitsForRate = drain !== null && drain.limit < limit;
  if (chosen.length === 0) return { begun: [], progress: false, more: false, waitsForRate };
  const runs: BegunHeld[] = [];
  for (const { runId, versionId } of chosen) {
    const plan = await deps.plans.find(versionId);
    if (!plan) throw new Error(`there is no version ${versionId}, by which run ${runId} would begin`);
    runs.push({ runId, plan });
  }
  const { begun, keys } = await beginHeldRuns(manager, flowId, {
    runs: runs.map(({ runId, plan: { trigger } }) => ({
      runId,
      triggerStepId: trigger.id,
      overdueAfterMs: dueInMs(deps, trigger),
    })),
    places: beginning?.queues ?? false,
  });
  // Such as were cancelled meanwhile: the next of their keys may begin in their place.
  const skipped = beginning?.order ? keys : [];
  await comeForward(manager, flowId, { arrived: [], keys: skipped });
  const drained = drain ? runs.filter(({ runId }) => begun.has(runId) && runId < drain.before).length : 0;
  if (drained > 0) await spendTokens(manager, flowId, drained);
  return {
    begun: runs.filter(({ runId }) => begun.has(runId)),
    progress: true,
    more: chosen.length >= limit || begun.size < chosen.length,
    waitsForRate,
  };
}
