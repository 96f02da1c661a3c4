import { createHash } from 'node:crypto';
import { newId, type RunId, type StepId } from '@millrace/contracts';
import { openDatabase, type Database } from '@millrace/persistence';
import { seedFlow, useTestDatabase, type SeededFlow } from '@millrace/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertHeldRuns } from './insert-held-runs.js';
import { insertRuns } from './insert-runs.js';
import { removeHeldRuns } from './queue-begin.js';
import { comeForward, readArrived } from './queue-keys.js';
import { findEndedQueues } from './queues-with-work.js';
import { tryQueueLock, waitForQueueLock } from './queue-lock.js';

const testDatabase = useTestDatabase();
let database: Database;
let flow: SeededFlow;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());
beforeEach(async () => {
  flow = await seedFlow(database, { steps: [], edges: [] });
});

const key = createHash('sha256').update('a').digest();

function runOf(id: RunId) {
  return { id, ...flow, receivedAt: Date.now(), request: '{}', body: Buffer.from('{}') };
}

async function states(): Promise<string[]> {
  const rows = await database.dataSource.query<{ state: string }[]>(
    'select state from held_run where flow_id = $1 order by run_id',
    [flow.flowId],
  );
  return rows.map(({ state }) => state);
}

describe('a queued run', () => {
  it('is written once, and stays without a step run when its request is written as one that runs', async () => {
    const id = newId<RunId>();
    expect(await insertHeldRuns(database, [{ ...runOf(id), orderKey: null }])).toEqual(new Set([id]));
    expect(await insertHeldRuns(database, [{ ...runOf(id), orderKey: key }])).toEqual(new Set());
    const direct = { ...runOf(id), triggerStepId: 'step_1' as StepId, dueInMs: 1_000 };
    expect(await insertRuns(database, [direct])).toEqual(new Set());
    expect(await database.dataSource.query('select 1 from step_run where run_id = $1', [id])).toEqual([]);
    expect(await states()).toEqual(['queued']);
  });

  it('is none when its request has a run that began', async () => {
    const id = newId<RunId>();
    await insertRuns(database, [{ ...runOf(id), triggerStepId: 'step_1' as StepId, dueInMs: 1_000 }]);
    expect(await insertHeldRuns(database, [{ ...runOf(id), orderKey: null }])).toEqual(new Set());
    expect(await states()).toEqual([]);
  });

  it('that is taken out of the queue makes way for the next of its key', async () => {
    const ids = [newId<RunId>(), newId<RunId>(), newId<RunId>()];
    await insertHeldRuns(
      database,
      ids.map((id) => ({ ...runOf(id), orderKey: key })),
    );
    await database.dataSource.transaction(async (manager) => {
      await comeForward(manager, flow.flowId, { arrived: await readArrived(manager, flow.flowId, 10), keys: [] });
    });
    expect(await states()).toEqual(['queued', 'behind', 'behind']);
    await database.dataSource.transaction(async (manager) => {
      await waitForQueueLock(manager, flow.flowId);
      await removeHeldRuns(manager, flow.flowId, [ids[0]!]);
    });
    expect(await states()).toEqual(['queued', 'behind']);
  });
});

describe('a key that a failed run keeps', () => {
  async function keptKey(settings?: object): Promise<SeededFlow> {
    const of = await seedFlow(database, { steps: [], edges: [], ...(settings && { settings }) });
    const run = { ...runOf(newId<RunId>()), ...of };
    await insertHeldRuns(database, [{ ...run, orderKey: key }]);
    await database.dataSource.query(`update held_run set state = 'failed' where run_id = $1`, [run.id]);
    await database.dataSource.query(`update run set status = 'succeeded' where id = $1`, [run.id]);
    return of;
  }
  const ordered = (onFailure: string): object => ({ order: { key: 'key', onFailure } });

  it('is work once its run has succeeded or is gone, unless only a person may release it', async () => {
    const [blocked, parked, unordered] = [
      await keptKey(ordered('block')),
      await keptKey(ordered('park')),
      await keptKey(),
    ];
    const found = await findEndedQueues(database);
    expect(found).toEqual(expect.arrayContaining([blocked.flowId, unordered.flowId]));
    expect(found).not.toContain(parked.flowId);
    await database.dataSource.query('delete from run where flow_id = $1', [parked.flowId]);
    expect(await findEndedQueues(database)).not.toContain(parked.flowId);
    await database.dataSource.query('update flow set deleted_at = now() where id = $1', [parked.flowId]);
    expect(await findEndedQueues(database)).toContain(parked.flowId);
  });
});

describe('the lock of a queue', () => {
  it('is had by one at a time, beside those of other flows, until the transaction ends', async () => {
    const other = await seedFlow(database, { steps: [], edges: [] });
    await database.dataSource.transaction(async (one) => {
      expect(await tryQueueLock(one, flow.flowId)).toBe(true);
      await database.dataSource.transaction(async (two) => {
        expect(await tryQueueLock(two, flow.flowId)).toBe(false);
        expect(await tryQueueLock(two, other.flowId)).toBe(true);
      });
    });
    await database.dataSource.transaction(async (two) => {
      expect(await tryQueueLock(two, flow.flowId)).toBe(true);
    });
  });
});
