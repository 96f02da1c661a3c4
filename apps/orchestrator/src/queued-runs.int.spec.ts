import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { consume, createParker, createPublisher, openSessions } from '@millrace/amqp';
import {
  componentTopology,
  coreTopology,
  decodeStepMessage,
  encodeInvalidation,
  encodeResultMessage,
  encodeTriggerMessage,
  exchanges,
  heardQueue,
  newId,
  queues,
  stepMessageId,
  stepQueue,
  type RunId,
} from '@millrace/contracts';
import type { FlowSettings } from '@millrace/flow-model';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { eventually, seedFlow, useTestDatabase, useVhost, type SeededFlow } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startOrchestrator, type Orchestrator } from './app.js';
import { readConfig } from './config.js';

const testDatabase = useTestDatabase();
const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const component = 'echo';

let database: Database;
let orchestrators: Orchestrator[];
let sessions: ReturnType<typeof openSessions>;
let publisher: ReturnType<typeof createPublisher>;
let closeConsumers: (() => Promise<void>)[];
/** When the step of each run came to the component. */
let cameAtMs: Map<RunId, number>;
/** Questions that instances have answered, each as often as there are instances. */
let heard: string[];
let heardQueueName: () => string;

beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

beforeEach(async () => {
  orchestrators = [];
  cameAtMs = new Map();
  heard = [];
  sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
  publisher = createPublisher(sessions.publishing, { logger });
  await sessions.consuming.declare(componentTopology(component));
  const common = { prefetch: 20, logger, park: createParker(publisher) };
  const steps = consume(sessions.consuming, {
    ...common,
    queue: stepQueue(component),
    async handle(delivery) {
      const decoded = decodeStepMessage(delivery.body);
      if (!decoded.ok) throw new Error(decoded.reason);
      const message = decoded.value;
      if (!cameAtMs.has(message.runId)) cameAtMs.set(message.runId, performance.now());
      const body = encodeResultMessage({
        ...message,
        outcome: { kind: 'succeeded', outputs: [{}] },
        logs: [],
        component: { name: component, version: '1' },
        startedAt: Date.now(),
        finishedAt: Date.now(),
      });
      await publisher.publish({ exchange: '', routingKey: queues.results, messageId: stepMessageId(message), body });
      return { outcome: 'done' };
    },
  });
  const answers = consume(sessions.consuming, {
    ...common,
    queue: { name: () => heardQueue(randomUUID()), bindings: [] },
    handle(delivery) {
      heard.push(delivery.correlationId ?? '');
      return Promise.resolve({ outcome: 'done' });
    },
  });
  await answers.started;
  heardQueueName = () => answers.queue!;
  closeConsumers = [() => steps.close(), () => answers.close()];
});
afterEach(async () => {
  for (const close of closeConsumers) await close();
  await Promise.all(orchestrators.map((orchestrator) => orchestrator.close()));
  await publisher.close();
  await sessions.close();
  await database.dataSource.query('truncate run, step_run, held_run');
});

async function orchestrate(): Promise<void> {
  const config = readConfig({
    HEALTH_PORT: '0',
    DATABASE_URL: testDatabase.url,
    AMQP_URL: vhost.amqpUrl,
    HOOK_URL: 'https://hooks.example.com',
    RESUME_URL_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  const orchestrator = await startOrchestrator(config, logger);
  orchestrators.push(orchestrator);
  const ready = `http://127.0.0.1:${orchestrator.healthPort}/health/ready`;
  await eventually(async () => expect((await fetch(ready)).status).toBe(200), { timeoutMs: 15_000 });
}

const flowWith = (settings?: FlowSettings, status = 'running'): Promise<SeededFlow> =>
  seedFlow(
    database,
    { steps: [{ id: 'step_1', component, operation: 'echo' }], edges: [], ...(settings && { settings }) },
    { status },
  );

async function trigger(flow: SeededFlow): Promise<RunId> {
  const runId = newId<RunId>();
  const request = { method: 'POST', path: '', query: {}, headers: {}, contentType: 'application/json' };
  const message = encodeTriggerMessage({ ...flow, runId, receivedAt: Date.now(), request, body: Buffer.from('{}') });
  await publisher.publish({ exchange: '', routingKey: queues.triggers, ...message });
  return runId;
}

/** Changes a flow and waits as the control plane does, until every orchestrator has said that it forgot what was before. */
async function change({ flowId }: SeededFlow, status: string, holds: boolean): Promise<void> {
  await database.dataSource.query('update flow set status = $2, holds_runs = $3 where id = $1', [
    flowId,
    status,
    holds,
  ]);
  const messageId = randomUUID();
  const body = encodeInvalidation({ flowIds: [flowId], credentialIds: [] });
  const rest = { messageId, body, replyTo: heardQueueName(), mandatory: false, persistent: false };
  await publisher.publish({ exchange: exchanges.invalidate, routingKey: '', ...rest });
  await eventually(() => expect(heard.filter((one) => one === messageId)).toHaveLength(orchestrators.length));
}

async function statusesOf(runIds: RunId[]): Promise<Record<string, number>> {
  const rows = await database.dataSource.query<{ status: string; count: number }[]>(
    'select status, count(*)::int from run where id = any ($1) group by 1',
    [runIds],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** Puts runs that were accepted a quarter of an hour ago into the queue of a flow. */
async function queueUp(flow: SeededFlow, count: number): Promise<void> {
  await database.dataSource.query(
    `with accepted as (
       insert into run (id, workspace_id, flow_id, version_id, status, open_steps, request, body)
       select overlay(overlay(first_id_at(now() - interval '15 min' + n * interval '1 ms')::text placing '7' from 15) placing 'a' from 20)::uuid, $1, $2, $3, 'queued', 0, $5, '{}'
       from generate_series(1, $4::int) n returning id
     )
     insert into held_run (flow_id, run_id, workspace_id, version_id, state) select $2, id, $1, $3, 'queued' from accepted`,
    [
      flow.workspaceId,
      flow.flowId,
      flow.versionId,
      count,
      JSON.stringify({ method: 'POST', path: '', query: {}, headers: {}, contentType: 'application/json' }),
    ],
  );
}

describe('a flow that is paused while requests come in', () => {
  it('begins no run of a request that was accepted after the answer, with several orchestrators, and all of them later', async () => {
    const flow = await flowWith();
    await orchestrate();
    await orchestrate();
    const before: RunId[] = [];
    const after: RunId[] = [];
    for (let round = 0; round < 3; round += 1) {
      const calling = new AbortController();
      const calls = (async () => {
        while (!calling.signal.aborted) before.push(await trigger(flow));
      })();
      await sleep(200);
      await change(flow, 'paused', true).finally(() => calling.abort());
      // It was under way when the answer came.
      await calls;
      const held = await Promise.all(Array.from({ length: 50 }, () => trigger(flow)));
      await eventually(async () => expect(await statusesOf(held)).toEqual({ queued: 50 }), { timeoutMs: 15_000 });
      await sleep(500);
      expect(held.filter((runId) => cameAtMs.has(runId))).toEqual([]);
      after.push(...held);
      await change(flow, 'running', false);
      await eventually(async () => expect(await statusesOf(held)).toEqual({ succeeded: 50 }), { timeoutMs: 15_000 });
    }
    await eventually(async () => expect(await statusesOf(before)).toEqual({ succeeded: before.length }));
    expect(cameAtMs.size).toBe(before.length + after.length);
  }, 90_000);
});

describe('a hundred thousand queued runs of one flow', () => {
  it.each<[string, FlowSettings | undefined]>([
    ['that begin as fast as they can', undefined],
    ['with a limit that is no hindrance', { concurrency: 10_000 }],
  ])(
    '%s delay the runs of others by less than a second',
    async (_what, settings) => {
      const big = await flowWith(settings);
      await queueUp(big, 100_000);
      const others = [
        await flowWith({ concurrency: 5 }),
        await flowWith({ order: { key: '"same"' } }),
        await flowWith(),
      ];
      await orchestrate();
      await eventually(() => expect(cameAtMs.size).toBeGreaterThan(200), { timeoutMs: 60_000 });
      const delaysMs: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        for (const flow of others) {
          const sentAtMs = performance.now();
          const runId = await trigger(flow);
          await eventually(() => expect(cameAtMs.has(runId)).toBe(true), { timeoutMs: 20_000 });
          delaysMs.push(cameAtMs.get(runId)! - sentAtMs);
        }
      }
      // Behind all of them it would be a minute. The bound for the worst leaves room for a machine that does much else.
      const sortedMs = delaysMs.toSorted((one, other) => one - other);
      expect(sortedMs[sortedMs.length >> 1]).toBeLessThan(1_000);
      expect(sortedMs.at(-1)).toBeLessThan(4_000);
      expect(cameAtMs.size).toBeLessThan(100_000);
    },
    120_000,
  );
});

describe('what an orchestrator leaves that is killed', () => {
  it('is taken up by another one within ten seconds: places, keys, and what was begun and not sent', async () => {
    const limited = await flowWith({ concurrency: 1 });
    await queueUp(limited, 2);
    const runs = await database.dataSource.query<{ id: RunId }[]>('select id from run where flow_id = $1 order by id', [
      limited.flowId,
    ]);
    const [first, second] = runs.map(({ id }) => id);
    await database.dataSource.query(
      `with begun as (update held_run set state = 'begun' where run_id = $1),
            running as (update run set status = 'running', open_steps = 1 where id = $1)
       insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, due_at, overdue_after_ms)
       values ($1, 'step_1', '', $2, $3, $4, 'running', now() + interval '5 s', 120000)`,
      [first, limited.workspaceId, limited.flowId, limited.versionId],
    );
    const startedAtMs = performance.now();
    await orchestrate();
    await eventually(async () => expect(await statusesOf([first!, second!])).toEqual({ succeeded: 2 }), {
      timeoutMs: 15_000,
    });
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  });
});
