import { consume, createParker, createPublisher, openSessions } from '@millrace/amqp';
import {
  componentTopology,
  coreTopology,
  decodeStepMessage,
  encodeResultMessage,
  millisOf,
  queues,
  stepMessageId,
  stepQueue,
  type Json,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { eventually, seedFlow, seedSchedule, useTestDatabase, useVhost } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startOrchestrator, type Orchestrator } from './app.js';
import { readConfig } from './config.js';

const testDatabase = useTestDatabase();
const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const component = 'counter';

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

let orchestrators: Orchestrator[];
let close: () => Promise<void>;
let polls: StepMessage[];
let effects: Json[];

/** A peer that speaks a component's side of the contract: its trigger counts, its action takes what was counted. */
beforeEach(async () => {
  [orchestrators, polls, effects] = [[], [], []];
  const sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
  const publisher = createPublisher(sessions.publishing, { logger });
  await sessions.consuming.declare(componentTopology(component));
  const consumer = consume(sessions.consuming, {
    queue: stepQueue(component),
    prefetch: 10,
    logger,
    park: createParker(publisher),
    async handle(delivery) {
      const decoded = decodeStepMessage(delivery.body);
      if (!decoded.ok) throw new Error(decoded.reason);
      const message = decoded.value;
      const polled = message.stepId === 'step_1';
      if (polled) polls.push(message);
      else effects.push(message.input);
      const n = ((message.snapshot as { n: number } | null)?.n ?? 0) + 1;
      await publisher.publish({
        exchange: '',
        routingKey: queues.results,
        messageId: stepMessageId(message),
        body: encodeResultMessage({
          ...message,
          outcome: { kind: 'succeeded', outputs: [{ n }], ...(polled && { snapshot: { n } }) },
          logs: [],
          component: { name: component, version: '1' },
          startedAt: Date.now(),
          finishedAt: Date.now(),
        }),
      });
      return { outcome: 'done' };
    },
  });
  close = async () => {
    await consumer.close();
    await publisher.close();
    await sessions.close();
  };
});
afterEach(async () => {
  await Promise.all(orchestrators.map((orchestrator) => orchestrator.close()));
  await close();
});

async function orchestrate(): Promise<void> {
  const config = readConfig({
    HEALTH_PORT: '0',
    DATABASE_URL: testDatabase.url,
    AMQP_URL: vhost.amqpUrl,
    HOOK_URL: 'https://hooks.example.com',
    RESUME_URL_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  orchestrators.push(await startOrchestrator(config, logger));
}

const timeOf = ({ input }: StepMessage): number => Date.parse((input as { scheduledAt: string }).scheduledAt);

describe('a flow with a schedule', () => {
  it('is polled at each of its times once by several orchestrators, and by those that are left when one ends', async () => {
    const flow = await seedFlow(database, {
      steps: [
        { id: 'step_1', component, operation: 'count', schedule: { everySeconds: 5 } },
        { id: 'step_2', component, operation: 'take', mapping: { n: 'n' } },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    });
    await seedSchedule(database, flow);
    await Promise.all([orchestrate(), orchestrate()]);
    await eventually(() => expect(effects).toEqual([{ n: 1 }]), { timeoutMs: 10_000 });
    await orchestrators.shift()?.close();
    await eventually(() => expect(effects.slice(0, 3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]), { timeoutMs: 20_000 });
    const times = polls.map(timeOf);
    // On a slow machine one may have been missed.
    expect(times.map((time) => (time - times[0]!) % 5_000)).toEqual(times.map(() => 0));
    expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
    expect(polls.map(({ runId }) => millisOf(runId))).toEqual(polls.map(timeOf));
    await eventually(async () => {
      const rows = await database.dataSource.query<{ id: RunId; status: string }[]>(
        `select id, status from run where flow_id = $1 order by id limit 3`,
        [flow.flowId],
      );
      expect(rows).toEqual(polls.slice(0, 3).map(({ runId }) => ({ id: runId, status: 'succeeded' })));
    });
  });
});
