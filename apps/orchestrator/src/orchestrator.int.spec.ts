import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { consume, createParker, createPublisher, openSessions, type Delivery } from '@millrace/amqp';
import {
  componentTopology,
  coreTopology,
  decodeStepMessage,
  encodeResultMessage,
  encodeTriggerMessage,
  newId,
  queues,
  stepMessageId,
  stepQueue,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import {
  cuttingProxy,
  eventually,
  seedFlow,
  useTestDatabase,
  useVhost,
  type CuttingProxy,
  type SeededFlow,
} from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startOrchestrator, type Orchestrator } from './app.js';
import { readConfig } from './config.js';

const testDatabase = useTestDatabase();
const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const component = 'echo';

const step = (id: string, mapping = {}) => ({ id, component, operation: 'echo', mapping, timeoutMs: 100 });
// step_1 ─ step_2 ─ step_3
//        └ step_4
const definition: FlowDraft = {
  steps: [step('step_1'), step('step_2', { a: 'n' }), step('step_3', { b: '$steps.step_1.n', c: 'a' }), step('step_4')],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_2', to: 'step_3' },
    { from: 'step_1', to: 'step_4' },
  ],
};

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

let proxy: CuttingProxy;
let orchestrators: Orchestrator[];
let sessions: ReturnType<typeof openSessions>;
let publisher: ReturnType<typeof createPublisher>;
let closeComponent: (() => Promise<void>) | undefined;

beforeEach(async () => {
  proxy = await cuttingProxy(vhost.amqpUrl);
  orchestrators = [];
  sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
  publisher = createPublisher(sessions.publishing, { logger });
  await sessions.consuming.declare(componentTopology(component));
});
afterEach(async () => {
  await closeComponent?.();
  closeComponent = undefined;
  await Promise.all(orchestrators.map((orchestrator) => orchestrator.close()));
  await publisher.close();
  await sessions.close();
  await proxy.close();
});

async function orchestrate(): Promise<void> {
  const config = readConfig({
    HEALTH_PORT: '0',
    DATABASE_URL: testDatabase.url,
    AMQP_URL: proxy.through(vhost.amqpUrl),
    HOOK_URL: 'https://hooks.example.com',
    RESUME_URL_KEY: Buffer.alloc(32, 7).toString('base64'),
    RECONCILE_EVERY_MS: '100',
    OVERDUE_GRACE_MS: '200',
  });
  orchestrators.push(await startOrchestrator(config, logger));
}

const failure = {
  kind: 'failed',
  error: { code: 'away', message: 'away', detail: null },
  retry: { kind: 'policy' },
} as const;

type Behaviour = 'answer' | 'fail' | 'lose' | 'garble';

/** A peer that speaks a component's side of the contract: it answers with its input, unless told otherwise. */
function answer(
  behave: (message: StepMessage, delivery: Delivery) => Behaviour | Promise<Behaviour>,
  name = component,
): void {
  const consumer = consume(sessions.consuming, {
    queue: stepQueue(name),
    prefetch: 50,
    logger,
    park: createParker(publisher),
    async handle(delivery) {
      const decoded = decodeStepMessage(delivery.body);
      if (!decoded.ok) throw new Error(decoded.reason);
      const message = decoded.value;
      const what = await behave(message, delivery);
      if (what === 'lose') return { outcome: 'done' };
      const output = message.stepId === 'step_1' ? { n: 1 } : message.input;
      const body = encodeResultMessage({
        ...message,
        outcome: what === 'fail' ? failure : { kind: 'succeeded', outputs: [output] },
        logs: [],
        component: { name: component, version: '1' },
        startedAt: Date.now(),
        finishedAt: Date.now(),
      });
      const result = { exchange: '', routingKey: queues.results, messageId: stepMessageId(message) };
      await publisher.publish({ ...result, body: what === 'garble' ? Buffer.from('nonsense') : body });
      return { outcome: 'done' };
    },
  });
  closeComponent = () => consumer.close();
}

async function trigger(flow: SeededFlow, runId = newId<RunId>(), headers = {}): Promise<RunId> {
  const request = { method: 'POST', path: '', query: {}, headers, contentType: 'application/json' };
  const message = encodeTriggerMessage({ ...flow, runId, receivedAt: Date.now(), request, body: Buffer.from('{}') });
  await publisher.publish({ exchange: '', routingKey: queues.triggers, ...message });
  return runId;
}

async function statusOf(runId: RunId): Promise<string | undefined> {
  const rows = await database.dataSource.query<{ status: string }[]>('select status from run where id = $1', [runId]);
  return rows[0]?.status;
}

async function succeeded(runIds: RunId[], timeoutMs = 15_000): Promise<void> {
  await eventually(
    async () => {
      const statuses = await Promise.all(runIds.map(statusOf));
      expect(statuses.filter((status) => status !== 'succeeded')).toEqual([]);
    },
    { timeoutMs, intervalMs: 100 },
  );
}

describe('a run of a tree of steps', () => {
  it('reaches every step and succeeds, each step with its input and output', async () => {
    const flow = await seedFlow(database, definition);
    await orchestrate();
    const seen = new Set<string>();
    answer((message) => {
      seen.add(`${message.stepId} ${message.path}`);
      return 'answer';
    });
    const runId = await trigger(flow);
    await succeeded([runId]);
    expect([...seen].toSorted()).toEqual(['step_1 ', 'step_2 0', 'step_3 0.0', 'step_4 0']);
    const rows = await database.dataSource.query(
      'select step_id, input, output from step_run where run_id = $1 order by 1',
      [runId],
    );
    expect(rows).toMatchObject([
      { step_id: 'step_1', output: { n: 1 } },
      { step_id: 'step_2', input: { a: 1 }, output: { a: 1 } },
      { step_id: 'step_3', input: { b: 1, c: 1 }, output: { b: 1, c: 1 } },
      { step_id: 'step_4', input: {}, output: {} },
    ]);
  });
});

describe('a run with mappings of the whole language', () => {
  it('reaches every step, one of which fails alone, and leaves no process behind when the orchestrator stops', async () => {
    const before = childProcesses();
    const flow = await seedFlow(database, {
      ...definition,
      steps: [
        step('step_1'),
        step('step_2', { a: 'n + 1', id: '$uuid()' }),
        step('step_3', { b: '$steps.step_1.n & "/" & a' }),
        step('step_4', { c: '$uppercase(n)' }),
      ],
    });
    await orchestrate();
    answer(() => 'answer');
    const runIds = await Promise.all(Array.from({ length: 20 }, () => trigger(flow)));
    await eventually(async () => expect(await Promise.all(runIds.map(statusOf))).toEqual(runIds.map(() => 'failed')), {
      timeoutMs: 15_000,
    });
    const rows = await database.dataSource.query<object[]>(
      `select step_id, status, input ->> 'b' as b, error ->> 'code' as code, count(*)::int
       from step_run where flow_id = $1 group by 1, 2, 3, 4 order by 1`,
      [flow.flowId],
    );
    const count = runIds.length;
    expect(rows).toEqual([
      { step_id: 'step_1', status: 'succeeded', b: null, code: null, count },
      { step_id: 'step_2', status: 'succeeded', b: null, code: null, count },
      { step_id: 'step_3', status: 'succeeded', b: '1/2', code: null, count },
      { step_id: 'step_4', status: 'failed', b: null, code: 'mapping_failed', count },
    ]);
    const ids = await database.dataSource.query<object[]>(
      `select distinct input ->> 'id' from step_run where flow_id = $1 and step_id = 'step_2'`,
      [flow.flowId],
    );
    expect(ids).toHaveLength(count);
    expect(childProcesses().length).toBeGreaterThan(before.length);
    await Promise.all(orchestrators.splice(0).map((orchestrator) => orchestrator.close()));
    expect(childProcesses().filter((id) => !before.includes(id))).toEqual([]);
  });
});

/** The processes that this one has started and that still are there. Linux only. */
function childProcesses(): string[] {
  const tasks = '/proc/self/task';
  return readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
}

describe('a step whose message is lost', () => {
  it('is dispatched again until there is a result, at every place of the tree', async () => {
    const flow = await seedFlow(database, definition);
    await orchestrate();
    const lost = new Map<string, number>();
    answer((message) => {
      const key = `${message.runId} ${message.stepId}`;
      lost.set(key, (lost.get(key) ?? 0) + 1);
      return lost.get(key) === 1 ? 'lose' : 'answer';
    });
    const runIds = await Promise.all([trigger(flow), trigger(flow), trigger(flow)]);
    await succeeded(runIds, 25_000);
    const rows = await database.dataSource.query<{ input: unknown }[]>(
      `select input from step_run where run_id = any($1) and step_id = 'step_3'`,
      [runIds],
    );
    expect(rows).toEqual([1, 2, 3].map(() => ({ input: { b: 1, c: 1 } })));
  });
});

describe('a step whose message still waits in the queue of its component', () => {
  it('is not dispatched again, however long it waits', async () => {
    const flow = await seedFlow(database, definition);
    await orchestrate();
    const runId = await trigger(flow);
    await eventually(async () => expect(await statusOf(runId)).toBe('running'));
    const takenAgain = async (): Promise<boolean> => {
      const [row] = await database.dataSource.query<{ again: boolean }[]>(
        `select due_at > started_at + interval '1 second' as again from step_run where run_id = $1`,
        [runId],
      );
      return row?.again ?? false;
    };
    // Its due time is put off each time that the reconciler looks at it.
    await eventually(async () => expect(await takenAgain()).toBe(true), { timeoutMs: 15_000 });
    expect(await sessions.publishing.messageCount(stepQueue(component))).toBe(1);
  });
});

describe('a step whose component was away for longer than its time-out', () => {
  it('is taken once when that is back, with its whole time, and its run succeeds', async () => {
    const flow = await seedFlow(database, { ...definition, steps: [step('step_1')], edges: [] });
    await orchestrate();
    await orchestrate();
    const runIds = await Promise.all(Array.from({ length: 20 }, () => trigger(flow)));
    const open = `from step_run where run_id = any($1) and status = 'running'`;
    await eventually(async () => {
      const rows = await database.dataSource.query(`select 1 ${open} and started_at < now() - interval '1 s'`, [
        runIds,
      ]);
      expect(rows).toHaveLength(20);
    });
    const taken: StepMessage[] = [];
    answer(async (message): Promise<Behaviour> => {
      taken.push(message);
      // No message waits any more when the reconcilers look, and none has its result.
      if (taken.length === 20) {
        await database.dataSource.query(`update step_run set due_at = now() where run_id = any($1)`, [runIds]);
      }
      await delay(250);
      return 'answer';
    });
    await succeeded(runIds);
    expect(new Set(taken.map(({ timeoutMs }) => timeoutMs))).toEqual(new Set([100]));
    expect(taken.map(({ runId }) => runId).toSorted()).toEqual(runIds.toSorted());
  });
});

describe('a result that cannot be read', () => {
  it('is parked with its reason, fails its step, and holds up nothing else', async () => {
    const flow = await seedFlow(database, definition);
    await orchestrate();
    const garbled = newId<RunId>();
    answer((message) => (message.runId === garbled && message.stepId === 'step_2' ? 'garble' : 'answer'));
    await trigger(flow, garbled);
    await succeeded([await trigger(flow)]);
    await eventually(async () => expect(await statusOf(garbled)).toBe('failed'), { timeoutMs: 15_000 });
    const rows = await database.dataSource.query<object[]>('select queue, reason, body from parked_message');
    expect(rows).toEqual([
      { queue: 'results', reason: 'result message is not valid JSON', body: Buffer.from('nonsense') },
    ]);
    const [step] = await database.dataSource.query<{ error: object }[]>(
      `select error from step_run where run_id = $1 and status = 'failed'`,
      [garbled],
    );
    expect(step?.error).toMatchObject({ code: 'message_parked', message: expect.stringContaining('not valid JSON') });
  });
});

describe('several orchestrators', () => {
  it('finish every run while connections to the broker are cut again and again', async () => {
    const flow = await seedFlow(database, definition);
    await orchestrate();
    await orchestrate();
    answer(() => 'answer');
    const runIds: RunId[] = [];
    for (let round = 0; round < 6; round += 1) {
      runIds.push(...(await Promise.all(Array.from({ length: 25 }, () => trigger(flow)))));
      proxy.cut();
    }
    await succeeded(runIds, 25_000);
    const [counts] = await database.dataSource.query<{ runs: number; steps: number }[]>(
      `select (select count(*)::int from run where flow_id = $1) as runs,
              (select count(*)::int from step_run where flow_id = $1 and status = 'succeeded') as steps`,
      [flow.flowId],
    );
    expect(counts).toEqual({ runs: runIds.length, steps: runIds.length * 4 });
  });

  it('try steps again until they succeed while connections to the broker are cut and one of the two stops', async () => {
    const retry = { maxAttempts: 5, initialDelayMs: 100 };
    const flow = await seedFlow(database, {
      ...definition,
      steps: definition.steps.map((one) => ({ ...one, retry })),
    });
    await orchestrate();
    await orchestrate();
    answer(({ stepId, attempt }) => (attempt < 3 && stepId !== 'step_4' ? 'fail' : 'answer'));
    const runIds: RunId[] = [];
    for (let round = 0; round < 4; round += 1) {
      runIds.push(...(await Promise.all(Array.from({ length: 10 }, () => trigger(flow)))));
      proxy.cut();
    }
    await orchestrators.shift()?.close();
    await succeeded(runIds, 25_000);
    const rows = await database.dataSource.query<object[]>(
      `select step_id, attempt, json_array_length(attempts) as failures, count(*)::int from step_run
       where flow_id = $1 group by 1, 2, 3 order by 1`,
      [flow.flowId],
    );
    const twiceFailed = { attempt: 3, failures: 2, count: runIds.length };
    expect(rows).toEqual([
      { step_id: 'step_1', ...twiceFailed },
      { step_id: 'step_2', ...twiceFailed },
      { step_id: 'step_3', ...twiceFailed },
      { step_id: 'step_4', attempt: 1, failures: null, count: runIds.length },
    ]);
  });

  it('run one of the requests with the same key, however many come at once to both', async () => {
    const config = { deduplicate: { key: '$request.headers.`x-id`' } };
    const flow = await seedFlow(database, {
      steps: [{ id: 'step_1', component: 'webhook', operation: 'receive', config }],
      edges: [],
    });
    await sessions.consuming.declare(componentTopology('webhook'));
    await orchestrate();
    await orchestrate();
    const ran: RunId[] = [];
    answer((message) => {
      ran.push(message.runId);
      return 'answer';
    }, 'webhook');
    const ids = Array.from({ length: 10 }, (_, at) => `id-${at}`);
    const copies = Array.from({ length: 30 }, () => ids).flat();
    const runIds = await Promise.all(copies.map((id) => trigger(flow, newId<RunId>(), { 'x-id': id })));
    await eventually(
      async () => {
        const rows = await database.dataSource.query<{ status: string; count: number; firsts: number }[]>(
          `select status, count(*)::int, count(distinct duplicate_of)::int as firsts from run
           where flow_id = $1 group by 1 order by 1`,
          [flow.flowId],
        );
        expect(rows).toEqual([
          { status: 'duplicate', count: runIds.length - ids.length, firsts: ids.length },
          { status: 'succeeded', count: ids.length, firsts: 0 },
        ]);
      },
      { timeoutMs: 15_000, intervalMs: 100 },
    );
    expect(new Set(ran).size).toBe(ids.length);
  });
});
