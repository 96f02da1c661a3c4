import type { BatchOutcome, Delivery, Outcome } from '@millrace/amqp';
import {
  decodeTriggerMessage,
  hookRequestInput,
  isPollRequest,
  readPoll,
  rootPath,
  type FlowVersionId,
  type HookRequest,
  type RunId,
} from '@millrace/contracts';
import { carryFor, type Plan } from '@millrace/flow-model';
import {
  insertDuplicates,
  insertHeldRuns,
  insertRuns,
  readStepRuns,
  type DuplicateRun,
  type NewRun,
  type StepRunState,
} from '@millrace/persistence';
import { carriedOf } from './carried.js';
import { findDuplicates, type Begun } from './deduplication.js';
import type { EngineDeps } from './deps.js';
import { dispatchAll, dueInMs, mayBeUnsent, type Dispatch } from './dispatch.js';
import { findHeld } from './held-runs.js';
import { isolateBadMessages } from './isolate.js';
import { findPlans } from './lookups.js';
import { persevere } from './persevere.js';
import { sendReply } from './replies.js';

/**
 * Begins a run for every trigger: first the rows, then the confirmed dispatch of the trigger step, then `done`.
 * A redelivered trigger finds its rows and is dispatched again only while its trigger step still runs. One that came
 * before with another id is written as a duplicate and never dispatched. One of a flow that is paused, or that sets a limit
 * or an order, is written into the queue of its flow, and whoever releases it dispatches it.
 *
 * Those whose key needs the sandbox hold up no others, nor the batches that follow: they are begun after
 * the others, those of each flow version by themselves, and their outcomes come later.
 */
export async function handleTriggers(deps: EngineDeps, batch: Delivery[]): Promise<BatchOutcome[]> {
  const prompt: Begun[] = [];
  const late = new Map<FlowVersionId, Map<Delivery, Begun>>();
  const decoded = batch.map((delivery) => decodeTriggerMessage(delivery));
  const plans = await findPlans(
    deps,
    decoded.flatMap((trigger) => (trigger.ok ? [trigger.value.versionId] : [])),
  );
  const outcomes = decoded.map((trigger, at): BatchOutcome => {
    if (!trigger.ok) return { outcome: 'park', reason: trigger.reason };
    const message = trigger.value;
    const plan = plans.get(message.versionId);
    if (!plan) return { outcome: 'park', reason: `there is no flow version ${message.versionId}` };
    const delivery = batch[at];
    const keyed = plan.deduplication?.sandboxed && !message.replayOf;
    if ((keyed || plan.order?.sandboxed) && delivery) {
      const group = late.get(plan.versionId) ?? new Map<Delivery, Begun>();
      late.set(plan.versionId, group.set(delivery, { message, plan }));
    } else {
      prompt.push({ message, plan });
    }
    return { outcome: 'done' };
  });
  await beginRuns(deps, prompt);
  const later = new Map([...late.values()].flatMap((group) => beginLater(deps, group)));
  if (later.size === 0) return outcomes;
  return outcomes.map((outcome, at) => {
    const delivery = batch[at];
    return (delivery && later.get(delivery)) ?? outcome;
  });
}

/** Begins runs while nobody waits for them but the outcomes of their own triggers. */
function beginLater(deps: EngineDeps, begun: Map<Delivery, Begun>): [Delivery, BatchOutcome][] {
  const begin = isolateBadMessages(deps, async (deliveries) => {
    await beginRuns(
      deps,
      deliveries.flatMap((delivery) => begun.get(delivery) ?? []),
    );
    return deliveries.map((): Outcome => ({ outcome: 'done' }));
  });
  const deliveries = [...begun.keys()];
  const ending = begin(deliveries);
  return deliveries.map((delivery, at) => {
    const outcome = ending.then((outcomes): Outcome => outcomes[at] ?? { outcome: 'redeliver' });
    // It may fail before somebody listens.
    outcome.catch(() => undefined);
    return [delivery, { outcome: 'later', ending: outcome }];
  });
}

async function beginRuns(deps: EngineDeps, begun: Begun[]): Promise<void> {
  if (begun.length === 0) return;
  const duplicates = await findDuplicates(deps, begun);
  const held = await findHeld(deps, begun, duplicates);
  const { inserted, written } = await writeRuns(deps, begun, { duplicates, held });
  const known = begun.filter(({ message }) => !written.has(message.runId));
  const states = known.length === 0 ? new Map<RunId, StepRunState>() : await triggerSteps(deps, known);
  const dispatches = begun.filter(
    ({ message, plan }) =>
      inserted.has(message.runId) || (!plan.beginning?.queues && mayBeUnsent(states.get(message.runId))),
  );
  // A run that was written as one that runs has a step run, whoever owns its key by now.
  const copies = [...duplicates.keys()].filter(({ message }) => !states.has(message.runId));
  await Promise.all([
    dispatchAll(
      deps,
      dispatches.map(({ message, plan }) => triggerDispatch(plan, message.runId, message.request, message.body)),
    ),
    ...copies.map(({ message: { runId, request } }) =>
      sendReply(deps, request.replyTo, { kind: 'ended', runId, status: 'duplicate' }),
    ),
  ]);
  deps.reached('triggers.confirmed');
}

/** The dispatch of a run's trigger step, from the request as it is kept, or from the poll that stands in its place. */
export function triggerDispatch(plan: Plan, runId: Dispatch['runId'], request: HookRequest, body: Buffer): Dispatch {
  const poll = isPollRequest(request) ? readPoll(body) : undefined;
  return {
    plan,
    step: plan.trigger,
    runId,
    path: rootPath,
    attempt: 1,
    input: poll ? { scheduledAt: poll.scheduledAt } : hookRequestInput(request, body),
    ...(poll && { snapshot: poll.snapshot }),
    carry: carryFor(plan.trigger, {}, carriedOf(plan.trigger, { request, body })),
  };
}

/** Writes the runs of triggers. Resolves the ids of those that begin, and of all that are new. */
async function writeRuns(
  deps: EngineDeps,
  begun: Begun[],
  { duplicates, held }: { duplicates: Map<Begun, RunId>; held: Map<Begun, Buffer | null> },
): Promise<{ inserted: Set<RunId>; written: Set<RunId> }> {
  const direct = duplicates.size + held.size === 0;
  const runs = direct ? begun : begun.filter((run) => !duplicates.has(run) && !held.has(run));
  const inserted =
    runs.length === 0
      ? new Set<RunId>()
      : await persevere(deps, 'writing runs', () =>
          insertRuns(
            deps.database,
            runs.map((run) => newRun(deps, run)),
          ),
        );
  deps.reached('triggers.runsWritten');
  if (direct) return { inserted, written: inserted };
  const waiting = await writeHeldRuns(deps, held);
  const copies = Array.from(duplicates, ([run, first]) => duplicateRun(run, first));
  const ended =
    copies.length === 0
      ? new Set<RunId>()
      : await persevere(deps, 'writing duplicates', () => insertDuplicates(deps.database, copies));
  if (copies.length > 0) deps.reached('triggers.duplicatesWritten');
  return { inserted, written: new Set([...inserted, ...waiting, ...ended]) };
}

/** Puts runs into the queues of their flows. Resolves the ids of those that are new. */
async function writeHeldRuns(deps: EngineDeps, held: Map<Begun, Buffer | null>): Promise<Set<RunId>> {
  if (held.size === 0) return new Set();
  const runs = Array.from(held, ([run, orderKey]) => ({ ...keptOf(run), orderKey, replayOf: run.message.replayOf }));
  const written = await persevere(deps, 'writing queued runs', () => insertHeldRuns(deps.database, runs));
  deps.reached('triggers.runsQueued');
  for (const flowId of new Set(runs.map((run) => run.flowId))) deps.pokeQueue(flowId);
  return written;
}

function newRun(deps: EngineDeps, run: Begun): NewRun {
  const { trigger } = run.plan;
  const { replayOf } = run.message;
  return { ...keptOf(run), triggerStepId: trigger.id, dueInMs: dueInMs(deps, trigger), replayOf };
}

function duplicateRun(run: Begun, duplicateOf: RunId): DuplicateRun {
  return { ...keptOf(run), duplicateOf };
}

function keptOf({ message, plan }: Begun): Omit<DuplicateRun, 'duplicateOf'> {
  return {
    id: message.runId,
    workspaceId: plan.workspaceId,
    flowId: plan.flowId,
    versionId: plan.versionId,
    receivedAt: message.receivedAt,
    request: JSON.stringify(message.request),
    body: message.body,
  };
}

/** The trigger steps of runs that were written before; a duplicate has none. */
async function triggerSteps(deps: EngineDeps, known: Begun[]): Promise<Map<RunId, StepRunState>> {
  const keys = known.map(({ message, plan }) => ({
    runId: message.runId,
    stepId: plan.trigger.id,
    path: rootPath,
  }));
  const states = await persevere(deps, 'reading step runs', () => readStepRuns(deps.database, keys));
  return new Map(states.map((state) => [state.runId, state]));
}
