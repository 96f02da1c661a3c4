import type { Delivery, Outcome } from '@millrace/amqp';
import { decodeResultMessage, type ResultMessage, type StepError, stepMessageId } from '@millrace/contracts';
import {
  postponeSteps,
  type AlsoWritten,
  type SettledSteps,
  type StepRunState,
  type StepSettlement,
} from '@millrace/persistence';
import { collect } from './collections.js';
import type { EngineDeps } from './deps.js';
import { dispatchAll, type Dispatch } from './dispatch.js';
import { follow, mapped, mapSandboxed, needsSandbox, type Followed, type Settled } from './follow.js';
import { findPlans } from './lookups.js';
import { settleAndOpen } from './open-steps.js';
import { persevere } from './persevere.js';
import { endPolls, isPollResult, withBoundedSnapshot } from './polls.js';
import { answerCallers, type AwaitedStep } from './replies.js';
import { postponed, postponedStep, type Postponed } from './retries.js';
import { keyOf, readStates, sendUnfinished } from './unfinished.js';
import { emissionOf, isEnded, settleEmitted, suspend, type WaitingResult } from './waits.js';

/**
 * Ends step runs, sends what follows, and answers callers who wait: first the commit, then the confirms, then `done`.
 * Of a result that had been settled before, only those following steps are sent again that still run.
 * Results that are followed by mappings for the sandbox hold up no others: they are settled by themselves. So are those that are
 * followed by another attempt, of steps that wait for a call or with an item, of polls, and outputs of those that emit one by one: each is
 * handled by one statement only, and a kill between two of them leads to a redelivery.
 */
export async function handleResults(deps: EngineDeps, batch: Delivery[]): Promise<Outcome[]> {
  const plain: Followed[] = [];
  const sandboxed: Followed[] = [];
  const retried: Postponed[] = [];
  const waiting: WaitingResult[] = [];
  const collecting: WaitingResult[] = [];
  const emitted: Followed[] = [];
  const polls: Followed[] = [];
  const polledAt: number[] = [];
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
    const messageId = stepMessageId(message) + emissionOf(message);
    if (seen.has(messageId)) return { outcome: 'done' };
    seen.add(messageId);
    if (!isEnded(message)) {
      (message.outcome.kind === 'collecting' ? collecting : waiting).push({ at, message });
      return { outcome: 'done' };
    }
    const polled = isPollResult(plan, message);
    if (polled) polledAt.push(at);
    const bounded = polled ? withBoundedSnapshot(message) : message;
    const retry = postponed(at, bounded, step);
    if (retry) {
      retried.push(retry);
      return { outcome: 'done' };
    }
    const followed = follow(at, bounded, plan);
    if (message.emission) emitted.push(followed);
    else (polled ? polls : needsSandbox(followed) ? sandboxed : plain).push(followed);
    return { outcome: 'done' };
  });
  await Promise.all([
    retried.length > 0 && postpone(deps, retried, outcomes),
    waiting.length > 0 && suspend(deps, waiting).then((left) => parkMissing(deps, left, outcomes)),
    collecting.length > 0 && collect(deps, collecting).then((left) => parkMissing(deps, left, outcomes)),
    emitted.length > 0 && mapSandboxed(deps, emitted).then((mappedOnes) => emit(deps, mappedOnes, outcomes)),
    plain.length > 0 && settle(deps, plain.map(mapped), outcomes),
    sandboxed.length > 0 && mapSandboxed(deps, sandboxed).then((settled) => settle(deps, settled, outcomes)),
    polls.length > 0 &&
      endPolls(deps, polls, (settled, also) =>
        settle(deps, settled, outcomes, async (_, same) => {
          const written = await settleEnded(deps, same, also);
          deps.reached('results.pollSettled');
          return written;
        }),
      ),
  ]);
  // A late copy: the run of a poll that found nothing is gone.
  for (const at of polledAt) if (outcomes[at]?.outcome === 'park') outcomes[at] = { outcome: 'done' };
  return outcomes;
}

/** Settles results and sends what follows. Those of step runs that do not exist get their outcome here: they are parked. */
async function settle(
  deps: EngineDeps,
  settled: Settled[],
  outcomes: Outcome[],
  write: typeof settleEnded = settleEnded,
): Promise<void> {
  const { won, ended } = await persevere(deps, 'settling step runs', () => write(deps, settled));
  deps.reached('results.settled');
  const again = settled.filter((_, position) => !won.has(position));
  const states =
    again.length === 0
      ? new Map<string, StepRunState>()
      : await readStates(
          deps,
          again.map(({ message }) => message),
        );
  parkUnknown(again, states, outcomes);
  pokeQueues(deps, settled, { won, ended });
  const opened = settled.filter((_, position) => won.has(position)).map(({ follow }) => follow);
  const awaited = settled.flatMap(({ message, plan }, position): AwaitedStep[] => {
    const { replyTo } = message.carry;
    if (replyTo === undefined) return [];
    const before = won.has(position) ? undefined : states.get(keyOf(message));
    return won.has(position) || before ? [{ replyTo, message, plan, before }] : [];
  });
  await Promise.all([
    dispatchAll(deps, joined(opened)),
    again.length > 0 && sendUnfinished(deps, again, states),
    answerCallers(deps, awaited, ended),
  ]);
  deps.reached('results.confirmed');
}

function settleEnded(deps: EngineDeps, settled: Settled[], also?: AlsoWritten): Promise<SettledSteps> {
  return settleAndOpen(deps, settled.map(settlement), settled, also);
}

/** Outputs of one step one after the other: a statement changes a row once. */
async function emit(deps: EngineDeps, emitted: Settled[], outcomes: Outcome[]): Promise<void> {
  for (let left = emitted; left.length > 0;) {
    const seen = new Set<string>();
    const first = left.filter(({ message }) => !seen.has(keyOf(message)) && seen.add(keyOf(message)));
    await settle(deps, first, outcomes, settleEmitted);
    left = left.filter((one) => !first.includes(one));
  }
}

/** Puts steps off to their next attempt. Nothing follows from that here: the releaser begins what is due. */
async function postpone(deps: EngineDeps, retried: Postponed[], outcomes: Outcome[]): Promise<void> {
  const won = await persevere(deps, 'postponing step runs', () =>
    postponeSteps(
      deps.database,
      retried.map((retry) => postponedStep(deps, retry)),
    ),
  );
  deps.reached('results.postponed');
  await parkMissing(
    deps,
    retried.filter((_, position) => !won.has(position)),
    outcomes,
  );
}

/** Of results that took no effect those of step runs that do not exist are parked. */
async function parkMissing(
  deps: EngineDeps,
  again: { at: number; message: ResultMessage }[],
  outcomes: Outcome[],
): Promise<void> {
  if (again.length === 0) return;
  const keys = again.map(({ message }) => message);
  parkUnknown(again, await readStates(deps, keys), outcomes);
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

function* joined(parts: Iterable<Dispatch>[]): Generator<Dispatch> {
  for (const part of parts) yield* part;
}

/** Tells the queues of flows that a run with a place in one may have ended. */
function pokeQueues(deps: EngineDeps, settled: Settled[], { won, ended }: SettledSteps): void {
  settled.forEach(({ plan, message }, position) => {
    if (!plan.beginning?.queues) return;
    // Whoever settled it before may have been killed before telling.
    if (ended.has(message.runId)) deps.reached('results.placeLeft');
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
    return { ...ended, status: 'failed', output: null, outputCount: 0, error: errorText(outcome.error) };
  }
  const { outputs } = outcome;
  const output = JSON.stringify(outputs.length === 1 ? outputs[0] : outputs);
  return { ...ended, status: 'succeeded', output, outputCount: outputs.length, error: null };
}

/** In this order, whatever the component's: the search for errors reads them as text. */
function errorText({ code, message, detail }: StepError): string {
  return JSON.stringify({ code, message, detail: detail ?? null });
}
