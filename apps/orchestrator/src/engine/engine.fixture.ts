import {
  createPublisher,
  openSessions,
  type BatchOutcome,
  type Delivery,
  type Outcome,
  type OutgoingMessage,
} from '@millrace/amqp';
import {
  coreTopology,
  createResumeUrls,
  decodeReplyMessage,
  decodeStepMessage,
  encodeResultMessage,
  encodeTriggerMessage,
  nothingReached,
  stepQueue,
  type FlowId,
  type HookRequest,
  type Json,
  type ReplyMessage,
  type ResultMessage,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import { createMappingPool, type MappingPool } from '@millrace/mapping-sandbox';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { useTestDatabase, useVhost, type SeededFlow } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { EngineDeps } from './deps.js';
import { cachedHoldingFlows, type HoldingFlows } from './holding-flows.js';
import { cachedPlans } from './plans.js';
import { cachedCredentials } from './sealed-credentials.js';
import { handleTriggers } from './triggers.js';

const logger = createLogger({ service: 'spec', level: 'silent' });

/** The engine's functions on a real database and broker, with what they send kept to look at. */
export interface TestEngine {
  readonly database: Database;
  readonly vhost: ReturnType<typeof useVhost>;
  readonly deps: EngineDeps;
  /** What was published since the test began, or since it was emptied. */
  readonly sent: OutgoingMessage[];
  /** Stands for the kill of the process: from then on no publish happens. */
  killedBeforePublish: boolean;
  /** What the engine knows of paused flows; a test that changes one tells it so. */
  readonly holding: HoldingFlows;
  /** The flows whose queues were poked. */
  readonly poked: FlowId[];
  sentSteps(): StepMessage[];
  sentReplies(): ReplyMessage[];
  /** Handles the trigger of a run and gives the message of its trigger step. */
  begin(flow: SeededFlow, runId: RunId, request?: Partial<HookRequest>): Promise<StepMessage>;
  runStatus(runId: RunId): Promise<string | undefined>;
}

/** Registers the hooks of a spec that calls the engine's functions itself. */
export function useEngine(): TestEngine {
  const testDatabase = useTestDatabase();
  const vhost = useVhost();
  let database: Database;
  let mappings: MappingPool;
  let deps: EngineDeps;
  let sent: OutgoingMessage[];
  let holding: HoldingFlows;
  let poked: FlowId[];
  let close: () => Promise<void>;
  beforeAll(async () => {
    database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
    mappings = createMappingPool({ maxProcesses: 1, timeLimitMs: 300 });
  });
  afterAll(async () => {
    await mappings.close();
    await database.close();
  });
  beforeEach(() => {
    sent = [];
    poked = [];
    holding = cachedHoldingFlows(database);
    engine.killedBeforePublish = false;
    const sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
    const publisher = createPublisher(sessions.publishing, { logger });
    deps = {
      database,
      plans: cachedPlans(database, logger),
      credentials: cachedCredentials(database),
      mappings,
      resumeUrls: createResumeUrls({ baseUrl: 'https://hooks.example.com', keys: [Buffer.alloc(32, 7)] }),
      holding,
      pokeQueue: (flowId) => poked.push(flowId),
      broker: {
        ensureComponent: (name) => sessions.publishing.declare(componentQueue(name)),
        redeclareComponent: (name) => sessions.publishing.redeclare(componentQueue(name)),
        messageCount: (queue) => sessions.publishing.messageCount(queue),
        consumerCount: (queue) => sessions.publishing.consumerCount(queue),
        publish: async (message) => {
          if (engine.killedBeforePublish) throw new Error('killed before the publish');
          sent.push(message);
          await publisher.publish(message);
        },
      },
      logger,
      stopping: new AbortController().signal,
      overdueGraceMs: 60_000,
      reached: nothingReached,
    };
    close = async () => {
      await publisher.close();
      await sessions.close();
    };
  });
  afterEach(() => close());

  const engine: TestEngine = {
    get database() {
      return database;
    },
    vhost,
    get deps() {
      return deps;
    },
    get sent() {
      return sent;
    },
    get holding() {
      return holding;
    },
    get poked() {
      return poked;
    },
    killedBeforePublish: false,
    sentSteps() {
      const steps = sent.filter(({ routingKey }) => routingKey.startsWith(stepQueue('')));
      return steps.map(({ body }) => {
        const decoded = decodeStepMessage(body);
        if (!decoded.ok) throw new Error(decoded.reason);
        return decoded.value;
      });
    },
    sentReplies() {
      const replies = sent.filter(({ routingKey }) => routingKey.startsWith('replies.'));
      return replies.map(({ body, mandatory, persistent }) => {
        const decoded = decodeReplyMessage(body);
        if (!decoded.ok) throw new Error(decoded.reason);
        expect({ mandatory, persistent }).toEqual({ mandatory: false, persistent: false });
        return decoded.value;
      });
    },
    async begin(flow, runId, request = {}) {
      await handleTriggers(deps, [triggerOf(flow, runId, { request })]);
      const step = engine.sentSteps().findLast((candidate) => candidate.runId === runId);
      if (!step) throw new Error('the run was not dispatched');
      return step;
    },
    async runStatus(runId) {
      const rows = await database.dataSource.query<{ status: string }[]>('select status from run where id = $1', [
        runId,
      ]);
      return rows[0]?.status;
    },
  };
  return engine;
}

function componentQueue(name: string) {
  return {
    exchanges: [],
    queues: [{ name: stepQueue(name), type: 'quorum' as const, durable: true }],
    bindings: [],
  };
}

/** Handles triggers and waits for those whose outcomes come later. */
export async function settleTriggers(deps: EngineDeps, batch: Delivery[]): Promise<Outcome[]> {
  return settledOutcomes(await handleTriggers(deps, batch));
}

export function settledOutcomes(outcomes: BatchOutcome[]): Promise<Outcome[]> {
  return Promise.all(outcomes.map(async (known) => (known.outcome === 'later' ? known.ending : known)));
}

export function delivery(message: Partial<Delivery>): Delivery {
  return { headers: {}, body: Buffer.alloc(0), redelivered: false, deliveryCount: 0, ...message } as Delivery;
}

export function triggerOf(
  flow: SeededFlow,
  runId: RunId,
  { request = {}, body = '{"petname":"Gromit"}' }: { request?: Partial<HookRequest>; body?: string } = {},
): Delivery {
  const whole: HookRequest = {
    method: 'POST',
    path: '',
    query: {},
    headers: {},
    contentType: 'application/json',
    ...request,
  };
  const message = { ...flow, runId, receivedAt: Date.now(), request: whole, body: Buffer.from(body) };
  return delivery(encodeTriggerMessage(message));
}

export function resultOf(step: StepMessage, outcome: ResultMessage['outcome']): Delivery {
  const { workspaceId, flowId, versionId, runId, stepId, path, attempt, carry } = step;
  const address = { workspaceId, flowId, versionId, runId, stepId, path, attempt, carry };
  const component = { name: step.component, version: '1.0.0' };
  return delivery({
    body: encodeResultMessage({ ...address, outcome, logs: [], component, startedAt: 1, finishedAt: 2 }),
  });
}

export const succeeded = (...outputs: Json[]): ResultMessage['outcome'] => ({ kind: 'succeeded', outputs });

export const failed: ResultMessage['outcome'] = {
  kind: 'failed',
  error: { code: 'refused', message: 'no', detail: null },
  retry: { kind: 'never' },
};
