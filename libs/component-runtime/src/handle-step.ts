import {
  createBundler,
  DONE,
  PublishError,
  type Delivery,
  type Outcome,
  type Publisher,
  type Turn,
} from '@millrace/amqp';
import {
  asideQueues,
  decodeStepMessage,
  encodeResultMessage,
  queues,
  stepMessageId,
  stepQueue,
  type Reached,
  type ResultMessage,
  type StepMessage,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { setTimeout as pause } from 'node:timers/promises';
import type { ComponentMetrics, StepFate } from './component-metrics.js';
import type { FairSlots } from './fair-slots.js';
import { outputTooLarge } from './outputs.js';
import { resultOf, runStep, type StepDeps, type StepEnd } from './run-step.js';
import type { RunningSteps } from './running-steps.js';
import { failureOf } from './step-failure.js';
import { Survivals } from './survivals.js';

export interface StepHandlerDeps extends StepDeps {
  publisher: Publisher;
  logger: Logger;
  reached: Reached;
  slots: FairSlots;
  metrics: Pick<ComponentMetrics, 'count'>;
}

/*
 * Which step took the process down with it? The broker counts a delivery as failed for every message that a lost connection
 * held, so the count of a step that kills its process rises together with those of its innocent neighbours.
 *
 * - From `aloneFrom` losses on a step runs alone: nothing runs beside it, no question either (`RunningSteps.alone`), and the consumer holds nothing else (see `turn`
 *   of `consume`). From then on only its own crashes raise the count of a step that kills, while an innocent one ends and is
 *   acked. A process that has just started holds one message at a time until one shares, so suspects, which the broker
 *   delivers first, are told apart one by one.
 * - Neighbours get `aloneFrom` losses from one killer. A few more may come from another killer, and from one that runs
 *   alone just when the broker had sent a neighbour ahead. `crashLimit` leaves room for six of those, and a killer has
 *   by then run alone six times.
 * - A loss that this process survived was no crash, so it does not count: connections may be cut any number of times.
 *   Another process cannot know that; for it, cuts and (before RabbitMQ 4.3) drains elsewhere count towards these numbers.
 */
const aloneFrom = 2;
const crashLimit = 8;
const publishTimeoutMs = 30_000;
const publishPauseMs = 500;
/** A move that is given up in doubt may run the step twice, here and by its copy, so a slow broker is waited for. */
const moveTimeoutMs = 60_000;

export interface StepHandler {
  /** Whether the step may run beside others; called once for each delivery, when it arrives. */
  turn(delivery: Delivery): Turn;
  handle(delivery: Delivery): Promise<Outcome>;
  /** The last delivery of a step that is in flight. */
  deliveryOf(messageId: string): Delivery | undefined;
}

/**
 * Makes the handler of `steps.<component>`: runs the step and says `done` only when the broker has confirmed its result.
 * Publishing is tried for as long as it takes. A copy of a message that comes while the first is still being handled (the
 * connection was cut) waits for the first instead of running the step once more. Steps that are interrupted are given back.
 */
export function createStepHandler(deps: StepHandlerDeps, steps: RunningSteps): StepHandler {
  const running = new Map<string, { outcome: Promise<Outcome>; delivery: Delivery }>();
  const survivals = new Survivals();
  const home = stepQueue(deps.component.name);
  const asides = asideQueues(deps.component.name);
  const results = createBundler(deps.publisher, { queue: queues.results, timeoutMs: publishTimeoutMs });

  async function run(message: StepMessage, delivery: Delivery): Promise<Outcome> {
    const losses = survivals.lossesOf(delivery);
    if (losses >= crashLimit) return publishResult(crashed(deps, message, losses));
    return losses >= aloneFrom ? steps.alone(() => runInTurn(message, delivery)) : runInTurn(message, delivery);
  }

  async function runInTurn(message: StepMessage, delivery: Delivery): Promise<Outcome> {
    // What came back once stays in its own queue, where suspects come first.
    const movable = delivery.deliveryCount === 0 && delivery.queue === home;
    let entry = await deps.slots.enter(message.flowId, { movable });
    if (entry.entry === 'aside') {
      if (await sendTo(asides[entry.pace], message, delivery)) {
        deps.metrics.count('aside');
        return DONE;
      }
      entry = await deps.slots.enter(message.flowId, { movable: false });
    }
    while (entry.entry === 'later') {
      if (await sendTo(delivery.queue, message, delivery)) {
        deps.metrics.count('aside');
        return DONE;
      }
      entry = await deps.slots.enter(message.flowId, { movable: false });
    }
    if (entry.entry !== 'run') {
      // Sent anew, for a message that is given back counts as lost before RabbitMQ 4.3.
      return (await sendTo(delivery.queue, message, delivery)) ? DONE : giveBack;
    }
    const { leave } = entry;
    const beganAt = performance.now();
    const step = await runStep(deps, message, steps).finally(leave);
    deps.metrics.count(fateOf(step), performance.now() - beganAt);
    deps.reached('step.executed');
    return step.end === 'interrupted' ? giveBack : publishResult(step.result);
  }

  /** Puts a step that has not begun at the end of a queue. False when that is not certain: it is still to be run here. */
  async function sendTo(queue: string, message: StepMessage, delivery: Delivery): Promise<boolean> {
    const messageId = stepMessageId(message);
    // The copy may be back before the confirm, and must not be taken for one of a step that is in flight.
    running.delete(messageId);
    try {
      const { body, contentType = '' } = delivery;
      // The broker counts the copy anew.
      const headers = survivals.headersOf(delivery);
      const copy = { exchange: '', routingKey: queue, body, messageId, contentType, headers };
      await deps.publisher.publish(copy, { timeoutMs: moveTimeoutMs });
      survivals.forget(messageId);
      return true;
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      deps.logger.debug({ err: error, messageId, queue }, 'the step could not be put aside');
      return false;
    }
  }

  async function publishResult(result: ResultMessage): Promise<Outcome> {
    if (result.outcome.kind === 'failed') {
      const { runId, stepId, path, attempt, outcome } = result;
      deps.logger.info({ runId, stepId, path, attempt, code: outcome.error.code }, 'step failed');
    }
    let body = encoded(result);
    const messageId = stepMessageId(result);
    for (let tries = 1; ; tries += 1) {
      try {
        await results.publish({ messageId, contentType: 'application/json', body });
        deps.reached('step.confirmed');
        return DONE;
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        if (error.reason === 'tooLarge') {
          if (result.outcome.kind === 'failed')
            return { outcome: 'park', reason: `its result cannot be sent: ${error.message}` };
          body = encoded(withoutOutputs(result, body.length));
          continue;
        }
        if (error.reason === 'closed' || steps.ending) return giveBack;
        // Lines get rarer while the broker stays away: tries 1, 2, 4, 8 …
        if ((tries & (tries - 1)) === 0) {
          deps.logger.warn({ err: error, messageId, tries }, 'the result could not be published, trying again');
        }
        await pause(publishPauseMs);
      }
    }
  }

  /** All in it was read before; were it not to be written all the same, the effect of the step must not be repeated for it. */
  function encoded(result: ResultMessage): Buffer {
    try {
      return encodeResultMessage(result);
    } catch {
      const { runId, stepId, path, attempt } = result;
      deps.logger.warn({ runId, stepId, path, attempt }, 'the result cannot be written as JSON, the step fails');
      return encodeResultMessage(unwritable(result));
    }
  }

  function turn(delivery: Delivery): Turn {
    survivals.arrived(delivery);
    if (delivery.messageId !== undefined && running.has(delivery.messageId)) return 'atOnce';
    return survivals.lossesOf(delivery) >= aloneFrom ? 'alone' : 'shared';
  }

  function handle(delivery: Delivery): Promise<Outcome> {
    const decoded = decodeStepMessage(delivery.body);
    if (!decoded.ok) return Promise.resolve({ outcome: 'park', reason: decoded.reason });
    const message = decoded.value;
    if (message.component !== deps.component.name) {
      const reason = `step message is for component ${message.component}, not for ${deps.component.name}`;
      return Promise.resolve({ outcome: 'park', reason });
    }
    const id = stepMessageId(message);
    const first = running.get(id);
    if (first) {
      first.delivery = delivery;
      return first.outcome;
    }
    const outcome = run(message, delivery).finally(() => {
      if (running.get(id) === entry) running.delete(id);
    });
    const entry = { outcome, delivery };
    running.set(id, entry);
    return outcome;
  }

  return { turn, handle, deliveryOf: (messageId) => running.get(messageId)?.delivery };
}

function fateOf(step: StepEnd): StepFate {
  if (step.end === 'interrupted') return 'interrupted';
  const { outcome } = step.result;
  return outcome.kind === 'failed' && outcome.error.code === 'timeout' ? 'timeout' : outcome.kind;
}

const giveBack: Outcome = { outcome: 'giveBack' };

function crashed(deps: StepDeps, message: StepMessage, times: number): ResultMessage {
  const text =
    `The process of component ${deps.component.name} ended ${times} times while it had this step; ` +
    'it is not run again by itself: see the log of the component, then retry the run';
  return resultOf(deps.component, message, {
    outcome: {
      kind: 'failed',
      error: { code: 'component_crashed', message: text, detail: { deliveries: times } },
      retry: { kind: 'never' },
    },
    logs: [],
    startedAt: Date.now(),
  });
}

function unwritable(result: ResultMessage): ResultMessage {
  const error = { code: 'output_not_json', message: 'The result of the step cannot be written as JSON', detail: null };
  return { ...result, logs: [], outcome: { kind: 'failed', error, retry: { kind: 'never' } } };
}

function withoutOutputs(result: ResultMessage, bytes: number): ResultMessage {
  return { ...result, outcome: { kind: 'failed', ...failureOf(outputTooLarge(bytes), (text) => text) } };
}
