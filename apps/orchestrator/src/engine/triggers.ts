import type { Delivery, Outcome } from '@millrace/amqp';
import {
  decodeTriggerMessage,
  hookRequestInput,
  requestContext,
  rootPath,
  type HookRequest,
  type TriggerMessage,
} from '@millrace/contracts';
import { carryFor, type Plan } from '@millrace/flow-model';
import { insertRuns, readStepRuns, type NewRun } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { dispatchAll, dueInMs, type Dispatch } from './dispatch.js';
import { findPlans } from './lookups.js';
import { persevere } from './persevere.js';

interface Begun {
  message: TriggerMessage;
  plan: Plan;
}

/**
 * Begins a run for every trigger: first the rows, then the confirmed dispatch of the trigger step, then `done`.
 * A redelivered trigger finds its rows and is dispatched again only while its trigger step still runs.
 */
export async function handleTriggers(deps: EngineDeps, batch: Delivery[]): Promise<Outcome[]> {
  const begun: Begun[] = [];
  const decoded = batch.map((delivery) => decodeTriggerMessage(delivery));
  const plans = await findPlans(
    deps,
    decoded.flatMap((trigger) => (trigger.ok ? [trigger.value.versionId] : [])),
  );
  const outcomes = decoded.map((trigger): Outcome => {
    if (!trigger.ok) return { outcome: 'park', reason: trigger.reason };
    const message = trigger.value;
    const plan = plans.get(message.versionId);
    if (!plan) return { outcome: 'park', reason: `there is no flow version ${message.versionId}` };
    begun.push({ message, plan });
    return { outcome: 'done' };
  });
  if (begun.length === 0) return outcomes;
  const inserted = await persevere(deps, 'writing runs', () =>
    insertRuns(
      deps.database,
      begun.map((run) => newRun(deps, run)),
    ),
  );
  const known = begun.filter(({ message }) => !inserted.has(message.runId));
  const unfinished = known.length === 0 ? new Set() : await stillRunning(deps, known);
  await dispatchAll(
    deps,
    begun
      .filter(({ message }) => inserted.has(message.runId) || unfinished.has(message.runId))
      .map(({ message, plan }) => triggerDispatch(plan, message.runId, message.request, message.body)),
  );
  return outcomes;
}

/** The dispatch of a run's trigger step, from the request as it is kept. */
export function triggerDispatch(plan: Plan, runId: Dispatch['runId'], request: HookRequest, body: Buffer): Dispatch {
  return {
    plan,
    step: plan.trigger,
    runId,
    path: rootPath,
    attempt: 1,
    input: hookRequestInput(request, body),
    carry: carryFor(plan.trigger, {}, plan.trigger.carries.request ? requestContext(request, body) : undefined),
  };
}

function newRun(deps: EngineDeps, { message, plan }: Begun): NewRun {
  return {
    id: message.runId,
    workspaceId: plan.workspaceId,
    flowId: plan.flowId,
    versionId: plan.versionId,
    triggerStepId: plan.trigger.id,
    receivedAt: message.receivedAt,
    request: JSON.stringify(message.request),
    body: message.body,
    dueInMs: dueInMs(deps, plan.trigger),
  };
}

async function stillRunning(deps: EngineDeps, known: Begun[]): Promise<Set<unknown>> {
  const keys = known.map(({ message, plan }) => ({
    runId: message.runId,
    stepId: plan.trigger.id,
    path: rootPath,
  }));
  const states = await persevere(deps, 'reading step runs', () => readStepRuns(deps.database, keys));
  return new Set(states.filter((state) => state.status === 'running').map((state) => state.runId));
}
