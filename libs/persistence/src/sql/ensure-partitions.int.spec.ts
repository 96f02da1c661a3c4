import { setTimeout as sleep } from 'node:timers/promises';
import {
  newId,
  rootPath,
  type FlowId,
  type FlowVersionId,
  type RunId,
  type StepId,
  type WorkspaceId,
} from '@millrace/contracts';
import { openDatabase, type Database } from '@millrace/persistence';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePartitions } from './ensure-partitions.js';
import { insertRuns } from './insert-runs.js';
import { readStepRuns } from './read-step-runs.js';
import { settleSteps } from './settle-steps.js';

const dayMs = 86_400_000;
const trigger = 'step_1' as StepId;
let testDatabase: TestDatabase;
let database: Database;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

/** A run id of a clock that is some days ahead. */
function idInDays(days: number): RunId {
  const milliseconds = (Date.now() + days * dayMs).toString(16).padStart(12, '0');
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}${newId().slice(13)}` as RunId;
}

async function begin(id: RunId): Promise<RunId> {
  await insertRuns(database, [
    {
      id,
      workspaceId: newId<WorkspaceId>(),
      flowId: newId<FlowId>(),
      versionId: newId<FlowVersionId>(),
      triggerStepId: trigger,
      receivedAt: Date.now(),
      request: '{"method":"POST"}',
      body: Buffer.from('{"petname":"Gromit"}'),
      dueInMs: 60_000,
    },
  ]);
  return id;
}

const tableOfDay = (days: number) =>
  `run_${new Date(Date.now() + days * dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`;

async function homesOf(id: RunId): Promise<string[]> {
  const rows = await database.dataSource.query<{ home: string }[]>(
    `select tableoid::regclass::text as home from run where id = $1
     union all select tableoid::regclass::text from step_run where run_id = $1`,
    [id],
  );
  return rows.map((row) => row.home);
}

describe('the partitions of the run log', () => {
  it('are made when they are missing, and only then', async () => {
    expect(await ensurePartitions(database, 9)).toBe(0);
    expect(await ensurePartitions(database, 12)).toBe(3);
    const id = await begin(idInDays(9));
    expect(await homesOf(id)).toEqual([tableOfDay(9), `step_${tableOfDay(9)}`]);
    await database.dataSource.query(`drop table step_${tableOfDay(10)}`);
    expect(await ensurePartitions(database, 12)).toBe(1);
    expect(await homesOf(await begin(idInDays(10)))).toEqual([tableOfDay(10), `step_${tableOfDay(10)}`]);
  });

  it('take over the rows that went to the default partition before, and a run goes on there', async () => {
    const id = await begin(idInDays(8));
    const later = await begin(idInDays(30));
    expect(await homesOf(id)).toEqual(['run_default', 'step_run_default']);
    expect(await ensurePartitions(database, 12)).toBe(3);
    expect(await homesOf(id)).toEqual([tableOfDay(8), `step_${tableOfDay(8)}`]);
    expect(await homesOf(later)).toEqual(['run_default', 'step_run_default']);

    const key = { runId: id, stepId: trigger, path: rootPath };
    expect(await readStepRuns(database, [key])).toMatchObject([{ status: 'running' }]);
    const settlement = { ...key, attempt: 1, status: 'succeeded', output: '1', outputCount: 1 } as const;
    const rest = { error: null, logs: null, componentVersion: null, startedAt: Date.now(), finishedAt: Date.now() };
    expect(await settleSteps(database, [{ ...settlement, ...rest }], [])).toHaveProperty('won.size', 1);
    const [run] = await database.dataSource.query('select status, body from run where id = $1', [id]);
    expect(run).toEqual({ status: 'succeeded', body: Buffer.from('{"petname":"Gromit"}') });
    expect(await insertRuns(database, []).then(() => begin(id).then(() => homesOf(id)))).toHaveLength(2);
  });

  it('have the keys and indexes of their parents', async () => {
    await begin(idInDays(8));
    await ensurePartitions(database, 12);
    const [row] = await database.dataSource.query<{ attached: number; own: number; parents: number }[]>(
      `select (select count(*) from pg_inherits where inhrelid in (select indexrelid from pg_index
                 where indrelid in ($1::regclass, $2::regclass)))::int as attached,
              (select count(*) from pg_index where indrelid in ($1::regclass, $2::regclass))::int as own,
              (select count(*) from pg_index where indrelid in ('run'::regclass, 'step_run'::regclass))::int as parents`,
      [tableOfDay(8), `step_${tableOfDay(8)}`],
    );
    expect(row).toEqual({ attached: row?.parents, own: row?.parents, parents: expect.any(Number) as number });
    expect(row?.parents).toBeGreaterThan(5);
  });

  it('are made once when several connections ask at once while runs of these days come in', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, (_, n) => begin(idInDays(8 + n))));
    const made = await Promise.all(Array.from({ length: 6 }, () => ensurePartitions(database, 14)));
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(5);
    for (const [n, id] of ids.entries())
      expect(await homesOf(id)).toEqual([tableOfDay(8 + n), `step_${tableOfDay(8 + n)}`]);
  });

  it('of other days are made when one day cannot be, and the caller hears which', async () => {
    const id = await begin(idInDays(9));
    // A key in the way of the move: the day fails whenever a row is written to its table.
    await database.dataSource.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$;
      create trigger refuse before delete on run_default for each row execute function refuse()`);
    const day = new Date(Date.now() + 9 * dayMs).toISOString().slice(0, 10);
    await expect(ensurePartitions(database, 12)).rejects.toThrow(`Partitions could not be made: ${day}: no room`);
    expect(await homesOf(await begin(idInDays(10)))).toEqual([tableOfDay(10), `step_${tableOfDay(10)}`]);
    expect(await homesOf(id)).toEqual(['run_default', 'step_run_default']);
    await database.dataSource.query('drop trigger refuse on run_default');
    expect(await ensurePartitions(database, 12)).toBe(1);
    expect(await homesOf(id)).toEqual([tableOfDay(9), `step_${tableOfDay(9)}`]);
  });

  it('wait for a statement that holds the default partition', async () => {
    const holder = database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('lock table run_default in row exclusive mode');
    const making = ensurePartitions(database, 10);
    await sleep(200);
    await holder.rollbackTransaction();
    await holder.release();
    expect(await making).toBe(1);
  });
});
