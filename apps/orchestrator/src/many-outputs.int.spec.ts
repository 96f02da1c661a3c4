import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { consume, createParker, createPublisher, openSessions } from '@millrace/amqp';
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
  type Json,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { openDatabase, type Database } from '@millrace/persistence';
import { eventually, seedFlow, useTestDatabase, useVhost } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** All of it made at once takes 700 (VmHWM of the process, 100,000 outputs of 100 bytes). */
const maxGrowthMebibytes = 250;
/** The built service: `npx tsc -b` makes it. */
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const testDatabase = useTestDatabase();
const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });

let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

let sessions: ReturnType<typeof openSessions>;
let publisher: ReturnType<typeof createPublisher>;
let child: ChildProcess | undefined;
beforeEach(() => {
  sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
  publisher = createPublisher(sessions.publishing, { logger });
});
afterEach(async () => {
  await end();
  await publisher.close();
  await sessions.close();
});

function start(env: Record<string, string> = {}): void {
  child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      HEALTH_PORT: '0',
      DATABASE_URL: testDatabase.url,
      AMQP_URL: vhost.amqpUrl,
      HOOK_URL: 'https://hooks.example.com',
      RESUME_URL_KEY: Buffer.alloc(32, 7).toString('base64'),
      LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'ignore'],
  });
}

async function end(): Promise<void> {
  const ended = child && child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child?.kill('SIGKILL');
  await ended;
}

/** The most memory that the process has had, in MiB. */
async function peakMebibytes(): Promise<number> {
  const status = await readFile(`/proc/${child?.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function firstStep(): Promise<StepMessage> {
  await sessions.consuming.declare(componentTopology('source'));
  return new Promise((resolve) => {
    const consumer = consume(sessions.consuming, {
      queue: stepQueue('source'),
      prefetch: 1,
      logger,
      park: createParker(publisher),
      handle(delivery) {
        const decoded = decodeStepMessage(delivery.body);
        if (!decoded.ok) throw new Error(decoded.reason);
        setImmediate(() => void consumer.close().then(() => resolve(decoded.value)));
        return Promise.resolve({ outcome: 'done' });
      },
    });
  });
}

async function publishResult(step: StepMessage, outputs: Json[]): Promise<void> {
  const now = Date.now();
  const body = encodeResultMessage({
    ...step,
    outcome: { kind: 'succeeded', outputs },
    logs: [],
    component: { name: 'source', version: '1' },
    startedAt: now,
    finishedAt: now,
  });
  await publisher.publish({ exchange: '', routingKey: queues.results, messageId: stepMessageId(step), body });
}

async function begin(mapping: Json): Promise<{ runId: RunId; step: StepMessage }> {
  const flow = await seedFlow(database, {
    steps: [
      { id: 'step_1', component: 'source', operation: 'split' },
      { id: 'step_2', component: 'sink', operation: 'take', mapping },
    ],
    edges: [{ from: 'step_1', to: 'step_2' }],
  });
  const runId = newId<RunId>();
  const request = { method: 'POST', path: '', query: {}, headers: {}, contentType: 'application/json' };
  const trigger = encodeTriggerMessage({ ...flow, runId, receivedAt: Date.now(), request, body: Buffer.from('{}') });
  await publisher.publish({ exchange: '', routingKey: queues.triggers, ...trigger });
  return { runId, step: await firstStep() };
}

const outputsOf = (count: number): Json[] =>
  Array.from({ length: count }, (_, number) => ({ number, text: 'x'.repeat(60) }));

async function rowsOf(runId: RunId): Promise<{ open: number; rows: number } | undefined> {
  const [row] = await database.dataSource.query<{ open: number; rows: number }[]>(
    `select open_steps as open, (select count(*)::int from step_run where run_id = r.id and status = 'running') as rows
     from run r where id = $1`,
    [runId],
  );
  return row;
}

const sent = async (): Promise<number> => (await sessions.publishing.messageCount(stepQueue('sink'))) ?? 0;

/** Takes what was sent until each step was there at least once; resolves with how many messages that took. */
async function takeEach(count: number): Promise<number> {
  const missing = new Set(Array.from({ length: count }, (_, number) => String(number)));
  let taken = 0;
  const consumer = consume(sessions.consuming, {
    queue: stepQueue('sink'),
    prefetch: 1_000,
    logger,
    park: createParker(publisher),
    handle(delivery) {
      const decoded = decodeStepMessage(delivery.body);
      if (decoded.ok) missing.delete(decoded.value.path);
      taken += 1;
      return Promise.resolve({ outcome: 'done' });
    },
  });
  await eventually(() => expect(missing.size).toBe(0), { timeoutMs: 60_000, intervalMs: 200 });
  await consumer.close();
  return taken;
}

describe('a result of very many outputs', () => {
  it('of which there are 100,000 opens and sends a step for each in bounded memory', async () => {
    start();
    const { runId, step } = await begin({ number: 'number', text: 'text' });
    const before = await peakMebibytes();
    await publishResult(step, outputsOf(100_000));
    await eventually(async () => expect(await sent()).toBe(100_000), { timeoutMs: 150_000, intervalMs: 500 });
    expect(await rowsOf(runId)).toEqual({ open: 100_000, rows: 100_000 });
    expect((await peakMebibytes()) - before).toBeLessThan(maxGrowthMebibytes);
  }, 180_000);

  it('has each of its steps opened once and sent, though the process is killed in the midst of it', async () => {
    const count = 20_000;
    start({ CRASH_AT: `steps.oneConfirmed:${count / 2}` });
    const { runId, step } = await begin({ whole: '$steps.step_1.number' });
    const killed = once(child!, 'exit');
    await publishResult(step, outputsOf(count));
    expect((await killed)[1]).toBe('SIGKILL');
    expect(await rowsOf(runId)).toEqual({ open: count, rows: count });
    start();
    expect(await takeEach(count)).toBeLessThanOrEqual(2 * count);
    expect(await rowsOf(runId)).toEqual({ open: count, rows: count });
  }, 120_000);
});
