import { DONE, PublishError, type Delivery, type Outcome, type Publisher } from '@millrace/amqp';
import {
  decodeStepMessage,
  encodeResultMessage,
  queues,
  stepMessageId,
  type ResultMessage,
  type StepMessage,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { setTimeout as pause } from 'node:timers/promises';
import { outputTooLarge } from './outputs.js';
import { resultOf, runStep, type RunningSteps, type StepDeps } from './run-step.js';
import { failureOf } from './step-failure.js';

export interface StepHandlerDeps extends StepDeps {
  publisher: Publisher;
  logger: Logger;
}

/** A message that came back this often has taken the process down with it each time. */
const crashLimit = 5;
const publishTimeoutMs = 30_000;
const publishPauseMs = 500;

/**
 * Makes the handler of `steps.<component>`: runs the step and says `done` only when the broker has confirmed its result.
 * Publishing is tried for as long as it takes. A copy of a message that comes while the first is still being handled (the
 * connection was cut) waits for the first instead of running the step once more. Steps that are interrupted are given back.
 */
export function createStepHandler(
  deps: StepHandlerDeps,
  steps: RunningSteps,
): (delivery: Delivery) => Promise<Outcome> {
  const running = new Map<string, Promise<Outcome>>();

  async function handle(message: StepMessage, delivery: Delivery): Promise<Outcome> {
    if (delivery.deliveryCount >= crashLimit) {
      return publishResult(crashed(deps, message, delivery.deliveryCount));
    }
    const step = await runStep(deps, message, steps);
    return step.end === 'interrupted' ? giveBack : publishResult(step.result);
  }

  async function publishResult(result: ResultMessage): Promise<Outcome> {
    if (result.outcome.kind === 'failed') {
      const { runId, stepId, path, attempt, outcome } = result;
      deps.logger.info({ runId, stepId, path, attempt, code: outcome.error.code }, 'step failed');
    }
    let body = encodeResultMessage(result);
    const messageId = stepMessageId(result);
    for (let tries = 1; ; tries += 1) {
      try {
        await deps.publisher.publish(
          { exchange: '', routingKey: queues.results, body, messageId, contentType: 'application/json' },
          { timeoutMs: publishTimeoutMs },
        );
        return DONE;
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        if (error.reason === 'tooLarge') {
          if (result.outcome.kind === 'failed')
            return { outcome: 'park', reason: `its result cannot be sent: ${error.message}` };
          body = encodeResultMessage(withoutOutputs(result, body.length));
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

  return (delivery) => {
    const decoded = decodeStepMessage(delivery.body);
    if (!decoded.ok) return Promise.resolve({ outcome: 'park', reason: decoded.reason });
    const message = decoded.value;
    if (message.component !== deps.component.name) {
      const reason = `step message is for component ${message.component}, not for ${deps.component.name}`;
      return Promise.resolve({ outcome: 'park', reason });
    }
    const id = stepMessageId(message);
    const first = running.get(id);
    if (first) return first;
    const outcome = handle(message, delivery).finally(() => running.delete(id));
    running.set(id, outcome);
    return outcome;
  };
}

const giveBack: Outcome = { outcome: 'redeliver', afterMs: 0 };

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

function withoutOutputs(result: ResultMessage, bytes: number): ResultMessage {
  return { ...result, outcome: { kind: 'failed', ...failureOf(outputTooLarge(bytes), (text) => text) } };
}
