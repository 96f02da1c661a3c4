import { randomUUID } from 'node:crypto';
import { consume, createParker, createPublisher, DONE, openSessions, partsOf } from '@millrace/amqp';
import {
  componentTopology,
  coreTopology,
  encodeStepMessage,
  newId,
  queues,
  rootPath,
  stepMessageId,
  stepQueue,
  type FlowId,
  type FlowVersionId,
  type RunId,
  type StepId,
  type StepMessage,
  type WorkspaceId,
} from '@millrace/contracts';
import { createLogger } from '@millrace/observability';

export const benchComponentName = 'bench';

/** The orchestrator's end of the queues of the bench component. */
export interface StepLoad {
  /** Sends so many steps of some flows, and resolves how many were answered per second. @throws Error when one failed. */
  run(steps: number): Promise<number>;
  close(): Promise<void>;
}

const flows = 10;
const sentAtOnce = 500;
const logger = createLogger({ service: 'bench', level: 'silent' });

export async function openStepLoad(amqpUrl: string): Promise<StepLoad> {
  const own = componentTopology(benchComponentName);
  const sessions = openSessions({
    url: amqpUrl,
    name: 'bench',
    topology: { ...coreTopology, queues: [...coreTopology.queues, ...own.queues] },
    logger,
  });
  const publisher = createPublisher(sessions.publishing, { logger });
  let onResult: (body: Buffer) => void = () => undefined;
  const consumer = consume(sessions.consuming, {
    queue: queues.results,
    prefetch: 1_000,
    logger,
    park: createParker(publisher),
    handle: (delivery) => {
      for (const { body } of partsOf(delivery)) onResult(body);
      return Promise.resolve(DONE);
    },
  });
  await consumer.started;

  return {
    async run(steps) {
      const flowIds = Array.from({ length: flows }, () => newId<FlowId>());
      let left = steps;
      let startedAt = 0;
      const answered = new Promise<number>((resolve, reject) => {
        onResult = (body) => {
          if (!body.includes('"kind":"succeeded"'))
            reject(new Error(`a step failed: ${body.toString().slice(0, 500)}`));
          left -= 1;
          if (left === 0) resolve((steps * 1000) / (performance.now() - startedAt));
        };
      });
      startedAt = performance.now();
      for (let at = 0; at < steps; at += sentAtOnce) {
        const part = Array.from({ length: Math.min(sentAtOnce, steps - at) }, (_, index) =>
          stepOf(flowIds[(at + index) % flows] as FlowId),
        );
        await Promise.all(
          part.map((step) =>
            publisher.publish({
              exchange: '',
              routingKey: stepQueue(benchComponentName),
              body: encodeStepMessage(step),
              messageId: stepMessageId(step),
              contentType: 'application/json',
            }),
          ),
        );
      }
      return answered;
    },
    async close() {
      await consumer.close();
      await publisher.close();
      await sessions.close();
    },
  };
}

function stepOf(flowId: FlowId): StepMessage {
  return {
    workspaceId: newId<WorkspaceId>(),
    flowId,
    versionId: newId<FlowVersionId>(),
    runId: newId<RunId>(),
    stepId: 'step_2' as StepId,
    path: rootPath,
    attempt: 1,
    component: benchComponentName,
    operation: 'ask',
    config: {},
    input: { name: randomUUID() },
    credential: null,
    snapshot: null,
    timeoutMs: 60_000,
    carry: { steps: { step_1: { text: 'x'.repeat(500) } } },
  };
}
