import { randomUUID } from 'node:crypto';
import { createPublisher, MAX_BUNDLED, openSessions } from '@millrace/amqp';
import {
  coreTopology,
  encodeTriggerMessage,
  newId,
  queues,
  type FlowId,
  type RunId,
  type WorkspaceId,
} from '@millrace/contracts';
import { parkMessages, writeAcceptedCalls } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { silent, tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, finishRun, idAt } from '../../test/runs.fixture.js';
import type { Ledger } from './schemas.js';

const test = useApi();
const hourMs = 3_600_000;
let user: TestUser;
let flow: SeededFlow;
let hour: number;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
  hour = Math.floor(Date.now() / hourMs) * hourMs;
});

const read = async (query = '') =>
  (
    await test
      .as(user)
      .get(`/v1/ledger?to=${new Date(hour + hourMs).toISOString()}&${query}`)
      .expect(200)
  ).body as Ledger;
const accept = (calls: number, hourMs = hour, of = flow) =>
  writeAcceptedCalls(test.database, newId(), [{ ...of, hourMs, calls }]);

async function park(id: RunId): Promise<void> {
  const request = { method: 'POST', path: '', query: {}, headers: { odd: '\0' }, contentType: '' };
  const trigger = { ...flow, runId: id, receivedAt: hour, request, body: Buffer.from('{}') };
  const { messageId, headers } = encodeTriggerMessage(trigger);
  const kept = { queue: queues.triggers, reason: 'odd', messageId, headers: JSON.stringify(headers) };
  await parkMessages(test.database, [{ id: randomUUID(), ...kept, body: trigger.body }]);
}

const nothing = { succeeded: 0, failed: 0, cancelled: 0, duplicate: 0, parked: 0, missing: 0, uncounted: 0 };
const inFlight = { queued: 0, running: 0, waiting: 0, onTheWay: 0 };

describe('the ledger', () => {
  it('has what became of the requests of each flow and hour', async () => {
    const statuses = ['succeeded', 'failed', 'cancelled', 'duplicate', 'queued', 'running', 'waiting'];
    for (const status of statuses) {
      const id = await beginRun(test.database, flow, { id: idAt(hour + 60_000) });
      await test.database.dataSource.query('update run set status = $2 where id = $1', [id, status]);
    }
    await park(idAt(hour + 60_000));
    const both = await beginRun(test.database, flow, { id: idAt(hour - 1) });
    await finishRun(test.database, flow, { runId: both });
    await park(both);
    // Two instances took them.
    await accept(5);
    await accept(3);
    await accept(1, hour - hourMs);
    const { items, ...page } = await read(`flowId=${flow.flowId}`);
    expect(items).toEqual([
      {
        ...nothing,
        flowId: flow.flowId,
        hour: new Date(hour).toISOString(),
        accepted: 8,
        succeeded: 1,
        failed: 1,
        cancelled: 1,
        duplicate: 1,
        parked: 1,
        inFlight: { ...inFlight, queued: 1, running: 1, waiting: 1 },
        balanced: true,
      },
      {
        ...nothing,
        flowId: flow.flowId,
        hour: new Date(hour - hourMs).toISOString(),
        accepted: 1,
        succeeded: 1,
        inFlight,
        balanced: true,
      },
    ]);
    expect(page).toEqual({
      nextCursor: null,
      from: new Date(hour - 23 * hourMs).toISOString(),
      to: new Date(hour + hourMs).toISOString(),
      balanced: true,
    });
  });

  it('says what is missing, and what nobody counted', async () => {
    await accept(2);
    const id = await beginRun(test.database, flow, { id: idAt(hour + 1) });
    const other = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
    await beginRun(test.database, other, { id: idAt(hour + 1) });
    const { items, balanced } = await read();
    expect(balanced).toBe(false);
    const shown = new Map(items.map((entry) => [entry.flowId, entry]));
    expect(shown.get(flow.flowId)).toMatchObject({ accepted: 2, missing: 1, uncounted: 0, balanced: false });
    expect(shown.get(other.flowId)).toMatchObject({ accepted: 0, missing: 0, uncounted: 1, balanced: true });
    await test.database.dataSource.query('delete from run where id = $1', [id]);
    expect((await read(`flowId=${flow.flowId}`)).items).toMatchObject([{ missing: 2 }]);
  });

  it('takes what is not a run yet for being on the way, as far as the queue goes', async () => {
    await accept(3);
    await accept(MAX_BUNDLED, hour - hourMs);
    const session = openSessions({ url: test.amqpUrl, name: 'spec', topology: coreTopology, logger: silent });
    const publisher = createPublisher(session.publishing, { logger: silent });
    const message = { exchange: '', routingKey: queues.triggers, body: Buffer.from('{}') };
    await publisher.publish({ ...message, messageId: newId() });
    const onTheWay = async () => (await read()).items.map((entry) => [entry.inFlight.onTheWay, entry.missing]);
    try {
      expect(await onTheWay()).toEqual([
        [3, 0],
        [MAX_BUNDLED - 3, 3],
      ]);
    } finally {
      await publisher.close();
      await session.close();
    }
  });

  it('is read for 31 days at most, goes on by pages, and leaves out what is not kept', async () => {
    const dayMs = 24 * hourMs;
    await test.database.dataSource.query('update workspace set retention_days = 10 where id = $1', [user.workspaceId]);
    for (let n = 0; n < 40; n += 1) await accept(1, hour - n * dayMs);
    const from = new Date(hour - 20 * dayMs).toISOString();
    const page = await read(`from=${from}`);
    expect(page.items).toHaveLength(10);
    expect(Date.parse(page.from)).toBeGreaterThan(hour - 10 * dayMs);
    const rest = await read(`from=${from}&cursor=${new Date(hour - 5 * dayMs).toISOString()}`);
    expect(rest.items).toHaveLength(4);
    for (const query of [`from=${new Date(hour - 32 * dayMs).toISOString()}`, `to=${from}&from=${from}`, 'from=x']) {
      await test.as(user).get(`/v1/ledger?${query}`).expect(400);
    }
  });

  it('shows nothing of another workspace', async () => {
    const theirs = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: newId<WorkspaceId>() });
    await accept(1, hour, theirs);
    await beginRun(test.database, theirs);
    expect((await read()).items).toEqual([]);
    expect((await read(`flowId=${theirs.flowId satisfies FlowId}`)).items).toEqual([]);
  });
});
