import { PublishError, type OutgoingMessage } from '@millrace/amqp';
import {
  encodeStepMessage,
  maxMessageBytes,
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
import type { StepRunState } from '@millrace/persistence';
import type { EngineDeps } from './deps.js';
import { failedResult } from './failed-result.js';
import { findCredentials, type SealedCredentials } from './lookups.js';
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
  /** Of a polling trigger: what it kept. */
  snapshot?: Json | undefined;
  /** Why there is no input and the step run cannot be sent. */
  fault?: StepError | undefined;
}

/** What waits for its confirms, at most: one result may be followed by more steps than the publisher takes. */
const sentAtOnce = 2_000;
const sentBytesAtOnce = 64 * 1024 * 1024;

/**
 * Sends step runs to their components and resolves once the broker has confirmed every message. Message ids follow
 * from the step run, so sending again is harmless. A step run that cannot be sent (its mapping failed, its credential is
 * gone, its input exceeds a message) gets a failed result instead, through the same queue as every result.
 */
export async function dispatchAll(deps: EngineDeps, dispatches: Iterable<Dispatch>): Promise<void> {
  let portion: Dispatch[] = [];
  for (const dispatch of dispatches) {
    if (portion.length === sentAtOnce) {
      await dispatchPortion(deps, portion);
      portion = [];
    }
    portion.push(dispatch);
  }
  await dispatchPortion(deps, portion);
}

async function dispatchPortion(deps: EngineDeps, dispatches: Dispatch[]): Promise<void> {
  if (dispatches.length === 0) return;
  const sealed = await findCredentials(deps, dispatches);
  const components = new Set(dispatches.map(({ step }) => step.component));
  await persevere(deps, 'declaring the queues of components', () =>
    Promise.all(Array.from(components, (component) => deps.broker.ensureComponent(component))),
  );
  let sending: Promise<void>[] = [];
  let bytes = 0;
  for (const dispatch of dispatches) {
    const message = stepMessage(dispatch, sealed);
    if (bytes > 0 && bytes + message.body.length > sentBytesAtOnce) {
      await Promise.all(sending);
      sending = [];
      bytes = 0;
    }
    sending.push(send(deps, dispatch, message));
    bytes += message.body.length;
  }
  await Promise.all(sending);
}

async function send(deps: EngineDeps, { step }: Dispatch, message: OutgoingMessage): Promise<void> {
  await persevere(deps, 'publishing a step', async () => {
    try {
      await deps.broker.publish(message);
      deps.reached('steps.oneConfirmed');
    } catch (error) {
      // Somebody deleted the queue: what this connection has declared it would not declare again by itself.
      if (error instanceof PublishError && error.reason === 'returned') {
        await deps.broker.redeclareComponent(step.component);
      }
      throw error;
    }
  });
}

/** Whether the message of an opened step run may not have been sent yet. That of a later attempt is sent by who releases it. */
export function mayBeUnsent(row: StepRunState | undefined): boolean {
  return row?.status === 'running' && row.attempt === 1;
}

/** How long from now until the reconciler may dispatch the step run again. */
export function dueInMs(deps: Pick<EngineDeps, 'overdueGraceMs'>, step: PlanStep): number {
  return step.timeoutMs + deps.overdueGraceMs;
}

function stepMessage(dispatch: Dispatch, sealedCredentials: SealedCredentials): OutgoingMessage {
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
  if (dispatch.fault) return failedResult(address, dispatch.fault, dispatch.carry.replyTo);
  const { credentialId } = step;
  const sealed = credentialId === null ? undefined : sealedCredentials.get(plan.workspaceId)?.get(credentialId);
  if (credentialId !== null && sealed === undefined) {
    return failedResult(address, credentialGone(step), dispatch.carry.replyTo);
  }
  const body = encodeStepMessage({
    ...address,
    component: step.component,
    operation: step.operation,
    config: step.config,
    input: dispatch.input,
    credential: credentialId === null || sealed === undefined ? null : { id: credentialId, sealed },
    snapshot: dispatch.snapshot ?? null,
    timeoutMs: step.timeoutMs,
    carry: dispatch.carry,
  });
  if (body.length > maxMessageBytes) {
    return failedResult(address, tooLarge(body.length), dispatch.carry.replyTo);
  }
  return {
    exchange: '',
    routingKey: stepQueue(step.component),
    body,
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
