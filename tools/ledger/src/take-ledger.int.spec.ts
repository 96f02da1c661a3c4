import { randomUUID } from 'node:crypto';
import { createPublisher, openSessions } from '@millrace/amqp';
import { coreTopology, encodeTriggerMessage, newId, queues, type RunId, type StepId } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import {
  insertRuns,
  ledgerChecks,
  openDatabase,
  parkMessages,
  settleSteps,
  writeAcceptedCalls,
  type Database,
} from '@millrace/persistence';
import { createTestDatabase, seedFlow, useVhost, type SeededFlow, type TestDatabase } from '@millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerText } from './ledger-text.js';
import { takeLedger, type TakenLedger } from './take-ledger.js';

const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const hourMs = 3_600_000;
const trigger = 'step_1' as StepId;
let testDatabase: TestDatabase;
let database: Database;
let flow: SeededFlow;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
  const step = { id: 'step_1', component: 'webhook', operation: 'receive' };
  flow = await seedFlow(database, { steps: [step], edges: [] });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const run = (text: string, values: unknown[] = []) => database.dataSource.query<unknown[]>(text, values);
const take = (): Promise<TakenLedger> => takeLedger({ databaseUrl: testDatabase.url, amqpUrl: vhost.amqpUrl });

function idAgo(ms: number): RunId {
  const hex = (Date.now() - ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newId().slice(13)}` as RunId;
}

async function begin(): Promise<RunId> {
  const id = idAgo(120_000);
  const kept = { request: '{}', body: Buffer.from('{}'), dueInMs: 60_000 };
  await insertRuns(database, [{ id, ...flow, triggerStepId: trigger, receivedAt: Date.now(), ...kept }]);
  return id;
}

async function end(runId: RunId, status: 'succeeded' | 'failed' = 'succeeded'): Promise<RunId> {
  const error = status === 'failed' ? '{"code":"x","message":"y","detail":null}' : null;
  const rest = { output: '1', outputCount: 1, error, logs: null, componentVersion: null, startedAt: 1, finishedAt: 2 };
  await settleSteps(database, [{ runId, stepId: trigger, path: '' as never, attempt: 1, status, ...rest }], []);
  return runId;
}

const countCalls = (calls: number) =>
  writeAcceptedCalls(database, newId(), [
    { ...flow, calls, hourMs: Math.floor((Date.now() - 120_000) / hourMs) * hourMs },
  ]);

async function park(id: RunId): Promise<void> {
  const request = { method: 'POST', path: '', query: {}, headers: { odd: '\0' }, contentType: '' };
  const body = Buffer.from('{}');
  const { messageId, headers } = encodeTriggerMessage({ ...flow, runId: id, receivedAt: 0, request, body });
  const kept = { queue: queues.triggers, reason: 'odd \u001b[2J', messageId, headers: JSON.stringify(headers), body };
  await parkMessages(database, [{ id: randomUUID(), ...kept }]);
}

describe('the ledger of an installation', () => {
  it('balances while runs are open and after they ended, and lists what is parked', async () => {
    await begin();
    await end(await begin());
    await end(await begin(), 'failed');
    await countCalls(3);
    expect(await take()).toMatchObject({ balanced: true, findings: [] });
    const parked = idAgo(120_000);
    await park(parked);
    await countCalls(1);
    const ledger = await take();
    expect(ledger).toMatchObject({
      balanced: true,
      findings: [
        { name: 'parked', kind: 'open', total: 1, items: [{ detail: expect.stringContaining(parked) as string }] },
      ],
    });
    expect(ledgerText(ledger)).toMatch(/· parked +1 .*\n.*odd  \[2J\n +→ release or delete them.*\n\nIt balances\.\n$/);
  });

  it.each<[string, (id: RunId) => Promise<unknown>]>([
    ['open-steps', (id) => run('update run set open_steps = 2 where id = $1', [id])],
    ['failed-steps', (id) => run('update run set failed_steps = 1 where id = $1', [id])],
    ['stranded', (id) => run('delete from step_run where run_id = $1', [id])],
    [
      'queued-nowhere',
      async (id) => {
        await run(`update run set status = 'queued', open_steps = 0 where id = $1`, [id]);
        await run('delete from step_run where run_id = $1', [id]);
      },
    ],
    [
      'places-of-nothing',
      async (id) => {
        const place = [flow.flowId, id, flow.workspaceId, flow.versionId];
        await run(`insert into held_run values ($1, $2, $3, $4, null, 'begun')`, place);
        await run('delete from step_run where run_id = $1', [id]);
        await run('delete from run where id = $1', [id]);
      },
    ],
    ['ended-open', (id) => run(`update run set status = 'cancelled', finished_at = now() where id = $1`, [id])],
    ['wrong-end', (id) => run(`update run set status = 'succeeded' where id = $1`, [id])],
    [
      'duplicate-of-nothing',
      (id) => run(`update run set status = 'duplicate', duplicate_of = $2 where id = $1`, [id, newId()]),
    ],
    ['overdue', (id) => run(`update step_run set due_at = now() - interval '1 hour' where run_id = $1`, [id])],
    ['never-due', (id) => run('update step_run set due_at = null where run_id = $1', [id])],
    ['without-run', (id) => run('delete from run where id = $1', [id])],
    ['missing-runs', () => countCalls(2)],
    [
      'keys-of-nothing',
      () =>
        run(`insert into deduplication values ($1, 'k', $2, now() + interval '1 hour')`, [flow.flowId, idAgo(120_000)]),
    ],
  ])('lists %s with ids and remedy', async (name, damage) => {
    const id = await begin();
    await damage(id);
    const ledger = await take();
    expect(ledger.balanced).toBe(false);
    const finding = ledger.findings.find((one) => one.name === name);
    expect(finding).toMatchObject({ kind: 'imbalance', total: 1, items: [{ id: expect.any(String) as string }] });
    if (!['missing-runs', 'keys-of-nothing'].includes(name)) expect(finding?.items[0]?.id).toContain(id);
    expect(finding?.remedy).not.toBe('');
    expect(ledgerText(ledger)).toContain(`✗ ${name}`);
  });

  it('lists files that were not finished for hours', async () => {
    await run(
      `insert into attachment (id, workspace_id, run_id, name, content_type, store, created_at)
       values ($1, $2, $1, 'f', 'text/plain', 'postgres', now() - interval '7 hours')`,
      [newId(), flow.workspaceId],
    );
    expect(await take()).toMatchObject({ balanced: true, findings: [{ name: 'unfinished-files', kind: 'open' }] });
  });

  it('waits for messages that are in the queue of triggers before it says that runs are missing', async () => {
    await countCalls(2);
    const sessions = openSessions({ url: vhost.amqpUrl, name: 'spec', topology: coreTopology, logger });
    const publisher = createPublisher(sessions.publishing, { logger });
    await publisher.publish({ exchange: '', routingKey: queues.triggers, body: Buffer.from('{}'), messageId: newId() });
    await publisher.close();
    await sessions.close();
    const ledger = await take();
    expect(ledger).toMatchObject({ balanced: true, findings: [{ name: 'missing-runs', kind: 'open' }] });
    expect(ledger.queues).toContainEqual({ queue: queues.triggers, messages: 1 });
    expect(ledgerText(ledger)).toMatch(/queue triggers +1 +messages in flight/);
  });

  it('shows twenty of many and says how many there are', async () => {
    for (let n = 0; n < 25; n += 1) await run('update run set open_steps = 5 where id = $1', [await begin()]);
    const [finding] = (await take()).findings;
    expect(finding).toMatchObject({ name: 'open-steps', total: 25, items: { length: 20 } });
    expect(ledgerText(await take())).toContain('and 5 more');
  });

  it('has a name for each check, and each name once', () => {
    const names = ledgerChecks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
