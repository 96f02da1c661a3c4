import { randomBytes, randomUUID } from 'node:crypto';
import { consume, createParker, createPublisher, DONE, openSessions, partsOf, type Delivery } from '@millrace/amqp';
import type { Component } from '@millrace/component-sdk';
import {
  componentTopology,
  coreTopology,
  decodeResultMessage,
  encodeStepMessage,
  newId,
  queues,
  stepMessageId,
  stepQueue,
  type CredentialId,
  type FlowId,
  type FlowVersionId,
  type JsonObject,
  type ResultMessage,
  type RunId,
  type StepId,
  type StepMessage,
  type StepPath,
  type WorkspaceId,
} from '@millrace/contracts';
import { deriveComponentKey, sealCredential } from '@millrace/credentials';
import { createLogger } from '@millrace/observability';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { startComponent, type RunningComponent, type StartOptions } from '../src/start-component.js';

export const workspaceId = newId<WorkspaceId>();

/** What stands around a component in tests: the orchestrator's and the api's end of its queues. */
export interface Surroundings {
  results: ResultMessage[];
  announced: Delivery[];
  parked: Delivery[];
  publisher: ReturnType<typeof createPublisher>;
  sessions: ReturnType<typeof openSessions>;
  sendStep(step: StepMessage): Promise<void>;
  /** Sends a step and waits for its result. */
  runStep(step: StepMessage): Promise<ResultMessage>;
  close(): Promise<void>;
}

const logger = createLogger({ service: 'spec', level: 'silent' });

export async function surround(amqpUrl: string, component: Component): Promise<Surroundings> {
  const own = componentTopology(component.name);
  const sessions = openSessions({
    url: amqpUrl,
    name: 'spec',
    topology: { ...coreTopology, queues: [...coreTopology.queues, ...own.queues] },
    logger,
  });
  const publisher = createPublisher(sessions.publishing, { logger });
  const park = createParker(publisher);
  const results: ResultMessage[] = [];
  const announced: Delivery[] = [];
  const parked: Delivery[] = [];
  const keep = (queue: string, handle: (delivery: Delivery) => void) =>
    consume(sessions.consuming, {
      queue,
      prefetch: 100,
      logger,
      park,
      handle: (delivery) => {
        handle(delivery);
        return Promise.resolve(DONE);
      },
    });
  const consumers = [
    keep(queues.results, (delivery) => {
      for (const { body, messageId } of partsOf(delivery)) {
        const decoded = decodeResultMessage(body);
        if (!decoded.ok) throw new Error(decoded.reason);
        expect(messageId).toBe(stepMessageId(decoded.value));
        results.push(decoded.value);
      }
    }),
    keep(queues.catalogue, (delivery) => announced.push(delivery)),
    keep(queues.parked, (delivery) => parked.push(delivery)),
  ];
  await Promise.all(consumers.map(({ started }) => started));

  async function sendStep(step: StepMessage): Promise<void> {
    await publisher.publish({
      exchange: '',
      routingKey: stepQueue(component.name),
      body: encodeStepMessage(step),
      messageId: stepMessageId(step),
    });
  }

  return {
    results,
    announced,
    parked,
    publisher,
    sessions,
    sendStep,
    async runStep(step) {
      await sendStep(step);
      return eventually(
        () => {
          const found = results.find(({ runId }) => runId === step.runId);
          if (!found) throw new Error('no result yet');
          return found;
        },
        { timeoutMs: 10_000 },
      );
    },
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await publisher.close();
      await sessions.close();
    },
  };
}

/** Keys and credentials of one installation. */
export class Installation {
  private readonly master = randomBytes(32);

  keyOf(component: string): string {
    return deriveComponentKey(this.master, component).toString('base64');
  }

  seal(component: string, fields: JsonObject): { id: CredentialId; sealed: string } {
    const id = newId<CredentialId>();
    const key = deriveComponentKey(this.master, component);
    return { id, sealed: sealCredential({ key, workspaceId, credentialId: id, component, fields }) };
  }
}

export async function host(
  component: Component,
  env: Record<string, string>,
  options: Pick<StartOptions, 'drainTimeoutMs' | 'announceIntervalMs'> = {},
): Promise<RunningComponent> {
  return startComponent({ component, env: { HEALTH_PORT: '0', ...env }, logger, ...options });
}

/** A step message of a new run. */
export function stepOf(component: Component, operation: string, parts: Partial<StepMessage> = {}): StepMessage {
  return {
    workspaceId,
    flowId: newId<FlowId>(),
    versionId: newId<FlowVersionId>(),
    runId: newId<RunId>(),
    stepId: 'step_2' as StepId,
    path: '0' as StepPath,
    attempt: 1,
    component: component.name,
    operation,
    config: {},
    input: {},
    credential: null,
    snapshot: null,
    timeoutMs: 5_000,
    carry: { steps: { step_1: { petname: randomUUID() } }, request: { method: 'POST' } },
    ...parts,
  };
}
