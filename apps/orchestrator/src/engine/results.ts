import type { Delivery, Outcome } from '@millrace/amqp';
import { decodeResultMessage, stepMessageId, type ResultMessage } from '@millrace/contracts';
import {
  postponeSteps,
  readStepRuns,
  settleSteps,
  type OpenedStep,
  type SettledSteps,
  type StepRunKey,
  type StepRunState,
  type StepSettlement,
} from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { dispatchAll, dueInMs, mayBeUnsent, type Dispatch } from './dispatch.js';
import { follow, mapped, mapSandboxed, needsSandbox, type Followed, type Settled } from './follow.js';
import { findPlans } from './lookups.js';
import { persevere } from './persevere.js';
import { rebuildDispatch } from './rebuild.js';
import { answerCallers, type AwaitedStep } from './replies.js';
import { postponed, postponedStep, type Postponed } from './retries.js';

/**
 * Ends step runs, sends what follows, and answers callers who wait: first the commit, then the confirms, then `done`.
 * Of a result that had been settled before, only those following steps are sent again that still run.
 * Results that are followed by mappings for the sandbox hold up no others: they are settled by themselves. So are those that are
 * followed by another attempt: each is handled by one statement only, and a kill between two of them leads to a redelivery.
 */
export async function handleResults(deps: EngineDeps, batch: Delivery[]): Promise<Outcome[]> {
  const plain: Followed[] = [];
  const sandboxed: Followed[] = [];
  const retried: Postponed[] = [];
  const seen = new Set<string>();
  const decoded = batch.map((delivery) => decodeResultMessage(delivery.body));
  const plans = await findPlans(
    deps,
    decoded.flatMap((result) => (result.ok ? [result.value.versionId] : [])),
  );
  const outcomes = decoded.map((result, at): Outcome => {
    if (!result.ok) return { outcome: 'park', reason: result.reason };
    const message = result.value;
    const plan = plans.get(message.versionId);
    const step = plan?.step(message.stepId);
    if (!plan || !step) {
      const reason = `version ${message.versionId} has no step ${message.stepId}, or does not exist`;
      return { outcome: 'park', reason };
    }
    // Two copies of one result in one batch: the first one settles it for both.
    const messageId = stepMessageId(message);
    if (seen.has(messageId)) return { outcome: 'done' };
    seen.add(messageId);
    const retry = postponed(at, message, step);
    if (retry) {
      retried.push(retry);
      return { outcome: 'done' };
    }
    const followed = follow(at, message, plan);
    (needsSandbox(followed) ? sandboxed : plain).push(followed);
    return { outcome: 'done' };
  });
  await Promise.all([
    retried.length > 0 && postpone(deps, retried, outcomes),
    plain.length > 0 && settle(deps, plain.map(mapped), outcomes),
    sandboxed.length > 0 && mapSandboxed(deps, sandboxed).then((settled) => settle(deps, settled, outcomes)),
  ]);
  return outcomes;
}

/** Settles results and sends what follows. Those of step runs that do not exist get their outcome here: they are parked. */
async function settle(deps: EngineDeps, settled: Settled[], outcomes: Outcome[]): Promise<void> {
  const { won, ended } = await persevere(deps, 'settling step runs', () =>
    settleSteps(deps.database, settled.map(settlement), openedSteps(deps, settled)),
  );
  const again = settled.filter((_, position) => !won.has(position));
  const states = again.length === 0 ? new Map<string, StepRunState>() : await readStates(deps, again);
  parkUnknown(again, states, outcomes);
  pokeQueues(deps, settled, { won, ended });
  const opened = settled.filter((_, position) => won.has(position)).flatMap(({ follow }) => follow);
  const dispatches = [...opened, ...(await unfinished(deps, again, states))];
  const awaited = settled.flatMap(({ message, plan }, position): AwaitedStep[] => {
    const { replyTo } = message.carry;
    if (replyTo === undefined) return [];
    const before = won.has(position) ? undefined : states.get(keyOf(message));
    return won.has(position) || before ? [{ replyTo, message, plan, before }] : [];
  });
  await Promise.all([dispatchAll(deps, dispatches), answerCallers(deps, awaited, ended)]);
}

/** Puts steps off to their next attempt. Nothing follows from that here: the releaser begins what is due. */
async function postpone(deps: EngineDeps, retried: Postponed[], outcomes: Outcome[]): Promise<void> {
  const won = await persevere(deps, 'postponing step runs', () =>
    postponeSteps(
      deps.database,
      retried.map((retry) => postponedStep(deps, retry)),
    ),
  );
  const again = retried.filter((_, position) => !won.has(position));
  if (again.length === 0) return;
  const keys = again.map(({ message }) => message);
  const rows = await persevere(deps, 'reading step runs', () => readStepRuns(deps.database, keys));
  parkUnknown(again, new Map(rows.map((row) => [keyOf(row), row])), outcomes);
}

function parkUnknown(
  results: { at: number; message: ResultMessage }[],
  states: Map<string, StepRunState>,
  outcomes: Outcome[],
): void {
  for (const { at, message } of results) {
    if (states.has(keyOf(message))) continue;
    const reason = `there is no step run ${message.runId} ${message.stepId} ${message.path}`;
    outcomes[at] = { outcome: 'park', reason };
  }
}

/** What follows from results that had been settled before and still runs, as its rows say: not as a late copy says. */
async function unfinished(deps: EngineDeps, again: Settled[], states: Map<string, StepRunState>): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = [];
  // Of an attempt that another one came after, nothing follows.
  const last = again.filter(({ message }) => states.get(keyOf(message))?.attempt === message.attempt);
  for (const { plan, step, runId, path } of last.flatMap(({ follow }) => follow)) {
    const row = states.get(keyOf({ runId, stepId: step.id, path }));
    if (!row || !mayBeUnsent(row)) continue;
    const dispatch = await persevere(deps, 'reading a step run', () => rebuildDispatch(deps, plan, step, row));
    if (dispatch) dispatches.push(dispatch);
  }
  return dispatches;
}

/** Tells the queues of flows that a run with a place in one may have ended. */
function pokeQueues(deps: EngineDeps, settled: Settled[], { won, ended }: SettledSteps): void {
  settled.forEach(({ plan, message }, position) => {
    if (!plan.beginning?.queues) return;
    // Whoever settled it before may have been killed before telling.
    if (ended.has(message.runId) || !won.has(position)) deps.pokeQueue(plan.flowId);
  });
}

function settlement({ message, plan }: Settled): StepSettlement {
  const { outcome, runId, stepId, path, attempt } = message;
  const ended = {
    runId,
    stepId,
    path,
    attempt,
    logs: message.logs.length === 0 ? null : JSON.stringify(message.logs),
    componentVersion: message.component.version,
    startedAt: message.startedAt,
    finishedAt: message.finishedAt,
    wantsEnd: message.carry.replyTo !== undefined || plan.beginning?.queues === true,
  };
  if (outcome.kind === 'failed') {
    return { ...ended, status: 'failed', output: null, outputCount: 0, error: JSON.stringify(outcome.error) };
  }
  const { outputs } = outcome;
  const output = JSON.stringify(outputs.length === 1 ? outputs[0] : outputs);
  return { ...ended, status: 'succeeded', output, outputCount: outputs.length, error: null };
}

function openedSteps(deps: EngineDeps, settled: Settled[]): OpenedStep[] {
  return settled.flatMap(({ follow }, parent) =>
    follow.map((dispatch) => ({
      parent,
      runId: dispatch.runId,
      stepId: dispatch.step.id,
      path: dispatch.path,
      workspaceId: dispatch.plan.workspaceId,
      flowId: dispatch.plan.flowId,
      versionId: dispatch.plan.versionId,
      input: dispatch.fault ? null : JSON.stringify(dispatch.input),
      dueInMs: dueInMs(deps, dispatch.step),
      error: dispatch.fault ? JSON.stringify(dispatch.fault) : null,
    })),
  );
}

/** States of the step runs that were settled before, and of those that follow them. */
async function readStates(deps: EngineDeps, again: Settled[]): Promise<Map<string, StepRunState>> {
  const keys: StepRunKey[] = again.flatMap(({ message, follow }) => [
    { runId: message.runId, stepId: message.stepId, path: message.path },
    ...follow.map(({ runId, step, path }) => ({ runId, stepId: step.id, path })),
  ]);
  const rows = await persevere(deps, 'reading step runs', () => readStepRuns(deps.database, keys));
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function keyOf(key: StepRunKey): string {
  return `${key.runId} ${key.stepId} ${key.path}`;
}
