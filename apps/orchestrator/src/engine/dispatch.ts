import type { OutgoingMessage } from '@millrace/amqp';
import {
  encodeResultMessage,
  encodeStepMessage,
  maxMessageBytes,
  queues,
  stepMessageId,
  stepQueue,
  type Carry,
  type Json,
  type RunId,
  type StepAddress,
  type StepError,
  type StepPath,
} from '@millrace/contracts';
import type { Plan, PlanStep } from '@millrace/flow-model';
import type { EngineDeps } from './deps.js';
import { persevere } from './persevere.js';

/** A step run whose row says `running` and whose message shall go to its component. */
export interface Dispatch {
  plan: Plan;
  step: PlanStep;
  runId: RunId;
  path: StepPath;
  attempt: number;
  input: Json;
  carry: Carry;
}

/**
 * Sends step runs to their components and resolves once the broker has confirmed every message. Message ids follow
 * from the step run, so sending again is harmless. A step run that cannot be sent (its credential is gone, its input
 * exceeds a message) gets a failed result instead, through the same queue as every result.
 */
export async function dispatchAll(deps: EngineDeps, dispatches: Dispatch[]): Promise<void> {
  await Promise.all(
    dispatches.map(async (dispatch) => {
      const message = await stepMessage(deps, dispatch);
      await persevere(deps, 'publishing a step', async () => {
        await deps.broker.ensureComponent(dispatch.step.component);
        await deps.broker.publish(message);
      });
    }),
  );
}

/** How long from now until the reconciler may dispatch the step run again. */
export function dueInMs(deps: Pick<EngineDeps, 'overdueGraceMs'>, step: PlanStep): number {
  return step.timeoutMs + deps.overdueGraceMs;
}

async function stepMessage(deps: EngineDeps, dispatch: Dispatch): Promise<OutgoingMessage> {
  const { plan, step } = dispatch;
  const address: StepAddress = {
    workspaceId: plan.workspaceId,
    flowId: plan.flowId,
    versionId: plan.versionId,
    runId: dispatch.runId,
    stepId: step.id,
    path: dispatch.path,
    attempt: dispatch.attempt,
  };
  let credential = null;
  if (step.credentialId !== null) {
    const { credentialId } = step;
    const sealed = await persevere(deps, 'reading a credential', () =>
      deps.credentials.find(plan.workspaceId, credentialId),
    );
    if (sealed === undefined) return failedResult(dispatch, address, credentialGone(step));
    credential = { id: credentialId, sealed };
  }
  const body = encodeStepMessage({
    ...address,
    component: step.component,
    operation: step.operation,
    config: step.config,
    input: dispatch.input,
    credential,
    snapshot: null,
    timeoutMs: step.timeoutMs,
    carry: dispatch.carry,
  });
  if (body.length > maxMessageBytes) return failedResult(dispatch, address, tooLarge(body.length));
  return {
    exchange: '',
    routingKey: stepQueue(step.component),
    body,
    messageId: stepMessageId(address),
    contentType: 'application/json',
  };
}

function failedResult(dispatch: Dispatch, address: StepAddress, error: StepError): OutgoingMessage {
  const now = Date.now();
  return {
    exchange: '',
    routingKey: queues.results,
    body: encodeResultMessage({
      ...address,
      outcome: { kind: 'failed', error, retry: { kind: 'never' } },
      logs: [],
      component: { name: dispatch.step.component, version: '' },
      startedAt: now,
      finishedAt: now,
      carry: { steps: {} },
    }),
    messageId: stepMessageId(address),
    contentType: 'application/json',
  };
}

function credentialGone(step: PlanStep): StepError {
  return {
    code: 'credential_missing',
    message: `The credential of ${step.id} does not exist any more: choose another one, publish and retry the run.`,
    detail: { credentialId: step.credentialId },
  };
}

function tooLarge(sizeBytes: number): StepError {
  return {
    code: 'input_too_large',
    message: `The input of the step takes ${sizeBytes} bytes as a message, and ${maxMessageBytes} are possible: map fewer fields.`,
    detail: { sizeBytes, limitBytes: maxMessageBytes },
  };
}
