/*
 * Polls: a schedule of a running flow is `free` until its time has come, and then `polling` until the trigger step of that
 * run has settled.
 *
 *   free ──due: the run is written, the schedule moved on──▶ polling ──outputs and snapshot are written──▶ free
 *                                                              │
 *                                            message sent ──▶ confirmed
 *
 * The arrows above are one transaction each. A time that comes while the schedule is polling, or while nobody was there,
 * is taken once the schedule is free, once however many were missed: the next time is counted from now. Killed between the
 * first arrow and the confirmation, the message is sent by whoever looks next, within some seconds and with the same id.
 */
import { pollRequest, pollRunId, rootPath, type FlowId, type FlowVersionId, type RunId } from '@millrace/contracts';
import { nextTime } from '@millrace/flow-model';
import {
  beginPolls,
  confirmPolls,
  keepPolls,
  putOffPolls,
  readDuePolls,
  takeUnsentPolls,
  type DuePoll,
  type PlannedPoll,
  type UnsentPoll,
} from '@millrace/persistence';
import type { EngineDeps } from '../engine/deps.js';
import { dispatchAll, dueInMs } from '../engine/dispatch.js';
import { findPlans } from '../engine/lookups.js';
import type { FlowPlan } from '../engine/plans.js';
import { dispatchKept } from '../engine/rebuild.js';
import { triggerDispatch } from '../engine/triggers.js';
import { whileKept } from './while-kept.js';

const begunAtOnce = 100;
/** Each of them may have a snapshot of 256 KiB. */
const sentAtOnce = 8;
/** With the pause between two looks well below 10 s. */
const resendInMs = 5_000;
/** A flow whose version cannot be read, which no publish lets pass. */
const putOffForMs = 60_000;
const dayMs = 24 * 3_600_000;

export const lookEveryMs = 500;

/**
 * Begins the polls that are due, and sends those again whose message may not have been sent. Several orchestrators share
 * the work, and each time is taken by one of them. Resolves how many began.
 */
export async function pollDue(deps: EngineDeps, stopping: AbortSignal): Promise<number> {
  await sendUnsent(deps);
  let total = 0;
  for (let begun = begunAtOnce; begun > 0 && !stopping.aborted; total += begun) {
    const due = await readDuePolls(deps.database, begunAtOnce);
    begun = due.length === 0 ? 0 : await begin(deps, due);
    if (due.length < begunAtOnce) return total + begun;
  }
  return total;
}

async function begin(deps: EngineDeps, due: DuePoll[]): Promise<number> {
  const planned = new Map<RunId, { poll: PlannedPoll; plan: FlowPlan }>();
  const broken: FlowId[] = [];
  for (const one of due) {
    const { flowId, versionId } = one;
    const found = await guarded(deps, { flowId, versionId }, async () => {
      const plan = await triggerPlan(deps, versionId);
      return { poll: plannedPoll(deps, one, plan), plan };
    });
    if (found) planned.set(found.poll.runId, found);
    else broken.push(flowId);
  }
  if (broken.length > 0) await putOffPolls(deps.database, broken, putOffForMs);
  const polls = Array.from(planned.values(), ({ poll }) => poll);
  if (polls.length === 0) return 0;
  const begun = await beginPolls(deps.database, polls, resendInMs);
  if (begun.length === 0) return 0;
  deps.reached('polls.begun');
  const dispatches = begun.flatMap(({ runId, body }) => {
    const plan = planned.get(runId)?.plan;
    return plan ? [triggerDispatch(plan, runId, pollRequest, body)] : [];
  });
  const runIds = begun.map(({ runId }) => runId);
  await whileKept(deps, {
    keep: () => keepPolls(deps.database, runIds, resendInMs),
    sending: () => dispatchAll(deps, dispatches),
  });
  deps.reached('polls.sent');
  await confirmPolls(deps.database, runIds);
  return begun.length;
}

function plannedPoll(
  deps: EngineDeps,
  { flowId, versionId, dueAt, now }: DuePoll,
  { schedule, trigger }: FlowPlan,
): PlannedPoll {
  if (!schedule) throw new Error(`the trigger of version ${versionId} has no schedule`);
  const nextAt = nextTime(schedule, { dueAtMs: dueAt, nowMs: now });
  // Older days may have no partition any more.
  const runId = pollRunId(flowId, Math.max(dueAt, now - dayMs));
  return { flowId, versionId, dueAt, nextAt, runId, triggerStepId: trigger.id, dueInMs: dueInMs(deps, trigger) };
}

async function sendUnsent(deps: EngineDeps): Promise<void> {
  const unsent = await takeUnsentPolls(deps.database, { limit: begunAtOnce, againInMs: resendInMs });
  if (unsent.length === 0) return;
  deps.reached('polls.taken');
  deps.logger.warn({ count: unsent.length }, 'polls began and may not have been sent, they are sent again');
  const runIds = unsent.map(({ runId }) => runId);
  await whileKept(deps, {
    keep: () => keepPolls(deps.database, runIds, resendInMs),
    sending: async () => {
      for (let at = 0; at < unsent.length; at += sentAtOnce) {
        const portion = unsent.slice(at, at + sentAtOnce);
        await Promise.all(portion.map((poll) => guarded(deps, { ...poll }, () => send(deps, poll))));
      }
    },
  });
}

async function send(deps: EngineDeps, { runId, versionId }: UnsentPoll): Promise<void> {
  const plan = await triggerPlan(deps, versionId);
  const { trigger } = plan;
  await dispatchKept(deps, { plan, step: trigger, key: { runId, stepId: trigger.id, path: rootPath } });
  await confirmPolls(deps.database, [runId]);
}

async function triggerPlan(deps: EngineDeps, versionId: FlowVersionId): Promise<FlowPlan> {
  const plan = (await findPlans(deps, [versionId])).get(versionId);
  if (!plan) throw new Error(`there is no version ${versionId}`);
  return plan;
}

/** One flow that cannot be polled does not keep the others back: `undefined` then. */
async function guarded<T>(deps: EngineDeps, about: object, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    deps.stopping.throwIfAborted();
    deps.logger.error({ ...about, err: error }, 'a flow cannot be polled now, it is tried again later');
    return undefined;
  }
}
