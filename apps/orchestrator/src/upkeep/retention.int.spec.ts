import { newId, type FlowId, type FlowVersionId, type RunId, type StepId, type WorkspaceId } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { dropRunDay, insertRuns, openDatabase, readStepRuns, settleSteps, type Database } from '@millrace/persistence';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeExpiredRuns } from './retention.js';

const dayMs = 86_400_000;
const trigger = 'step_1' as StepId;
const logger = createLogger({ service: 'spec', level: 'silent' });
const never = new AbortController().signal;
let testDatabase: TestDatabase;
let database: Database;
let workspaceId: WorkspaceId;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
  workspaceId = await addWorkspace(30);
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const run = (text: string, values: unknown[] = []) =>
  database.dataSource.query<Record<string, unknown>[]>(text, values);
const remove = () => removeExpiredRuns({ database, logger }, never);

async function addWorkspace(retentionDays: number): Promise<WorkspaceId> {
  const id = newId<WorkspaceId>();
  await run(`insert into workspace (id, name, retention_days) values ($1, 'test', $2)`, [id, retentionDays]);
  return id;
}

const dayBefore = (days: number): string => new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
const tableOf = (days: number): string => `run_${dayBefore(days).replaceAll('-', '')}`;

async function makeDays(...days: number[]): Promise<void> {
  for (const day of days) await run('select * from ensure_partitions($1::date, 1)', [dayBefore(day)]);
}

async function dayTables(): Promise<string[]> {
  const rows = await run(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent in ('run'::regclass, 'step_run'::regclass)`,
  );
  return rows.map(({ name }) => String(name));
}

interface OldRun {
  workspace?: WorkspaceId;
  /** How long ago it ended; `null` for one that has not. */
  endedDays?: number | null;
  status?: string;
}

/** A run that began so many days ago, at noon. */
async function runOf(days: number, { workspace = workspaceId, endedDays = days, status }: OldRun = {}): Promise<RunId> {
  const id = newId<RunId>();
  const hex = Date.parse(`${dayBefore(days)}T12:00:00Z`)
    .toString(16)
    .padStart(12, '0');
  const old = `${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(13)}` as RunId;
  await insertRuns(database, [
    {
      id: old,
      workspaceId: workspace,
      flowId: newId<FlowId>(),
      versionId: newId<FlowVersionId>(),
      triggerStepId: trigger,
      receivedAt: Date.now() - days * dayMs,
      request: '{}',
      body: Buffer.from('{}'),
      dueInMs: 60_000,
    },
  ]);
  if (endedDays !== null) {
    await settleSteps(database, [settled(old)], []);
    await run(`update run set finished_at = now() - make_interval(days => $2) where id = $1`, [old, endedDays]);
  }
  if (status) await run('update run set status = $2 where id = $1', [old, status]);
  return old;
}

function settled(runId: RunId) {
  const key = { runId, stepId: trigger, path: '' as never, attempt: 1, status: 'succeeded', output: '1' } as const;
  const rest = { outputCount: 1, error: null, logs: null, componentVersion: null };
  return { ...key, ...rest, startedAt: Date.now(), finishedAt: Date.now() };
}

async function homeOf(id: RunId): Promise<string[]> {
  const rows = await run(
    `select tableoid::regclass::text as home from run where id = $1
     union all select tableoid::regclass::text from step_run where run_id = $1`,
    [id],
  );
  return rows.map(({ home }) => String(home));
}

describe('the retention of runs', () => {
  it('drops the days that are over for every workspace, and keeps the others', async () => {
    await makeDays(40, 33, 20);
    const [old, kept] = [await runOf(40), await runOf(20)];
    const before = await dayTables();
    expect(await remove()).toEqual({ days: 2, runs: 0 });
    const gone = [tableOf(40), tableOf(33)].flatMap((name) => [name, `step_${name}`]);
    expect((await dayTables()).sort()).toEqual(before.filter((name) => !gone.includes(name)).sort());
    expect(await homeOf(old)).toEqual([]);
    expect(await homeOf(kept)).toEqual([tableOf(20), `step_${tableOf(20)}`]);
    expect(await remove()).toEqual({ days: 0, runs: 0 });
  });

  it('never removes a run that has not ended: it moves, goes on, and is kept for as long after its end', async () => {
    await makeDays(40);
    const open = await runOf(40, { endedDays: null });
    const queued = await runOf(40, { endedDays: null, status: 'queued' });
    await run(`update step_run set status = 'waiting', attempt = 2 where run_id = $1`, [queued]);
    const endedLate = await runOf(40, { endedDays: 2 });
    expect(await remove()).toEqual({ days: 1, runs: 0 });
    for (const id of [open, queued, endedLate]) expect(await homeOf(id)).toEqual(['run_default', 'step_run_default']);
    expect(await run('select status, body from run where id = $1', [queued])).toEqual([
      { status: 'queued', body: Buffer.from('{}') },
    ]);

    const [step] = await readStepRuns(database, [{ runId: open, stepId: trigger, path: '' as never }]);
    expect(step?.status).toBe('running');
    expect((await settleSteps(database, [settled(open)], [])).won.size).toBe(1);
    expect(await run('select status from run where id = $1', [open])).toEqual([{ status: 'succeeded' }]);
    expect(await remove()).toEqual({ days: 0, runs: 0 });
    await run(`update run set finished_at = now() - interval '31 days' where id = $1`, [open]);
    expect(await remove()).toEqual({ days: 0, runs: 1 });
    expect(await homeOf(open)).toEqual([]);
  });

  it('removes the runs of a workspace that keeps them shorter one by one, with their steps', async () => {
    const short = await addWorkspace(7);
    await makeDays(20, 3);
    const gone = [await runOf(20, { workspace: short }), await runOf(20, { workspace: short })];
    const kept = [
      await runOf(20, { workspace: short, endedDays: null }),
      await runOf(20, { workspace: short, endedDays: 6 }),
      await runOf(3, { workspace: short }),
      await runOf(20),
    ];
    expect(await remove()).toEqual({ days: 0, runs: 2 });
    for (const id of gone) expect(await homeOf(id)).toEqual([]);
    for (const id of kept) expect(await homeOf(id)).toHaveLength(2);
  });

  it('goes by the workspace that keeps runs longest', async () => {
    await addWorkspace(365);
    await makeDays(100);
    const id = await runOf(100);
    expect(await remove()).toEqual({ days: 0, runs: 1 });
    expect(await homeOf(id)).toEqual([]);
    expect(await dayTables()).toContain(tableOf(100));
  });

  it('removes runs of clocks that are far off row by row, in portions, when they have ended long ago', async () => {
    const future = await Promise.all(Array.from({ length: 3 }, () => runOf(-400, { endedDays: 31 })));
    const recent = await runOf(-400, { endedDays: 1 });
    const open = await runOf(-400, { endedDays: null });
    expect(await homeOf(recent)).toEqual(['run_default', 'step_run_default']);
    expect(await remove()).toEqual({ days: 0, runs: 3 });
    for (const id of future) expect(await homeOf(id)).toEqual([]);
    for (const id of [recent, open]) expect(await homeOf(id)).toHaveLength(2);
  });

  it('leaves a day alone that has too many runs to move, and removes the others of it', async () => {
    await makeDays(40);
    const ended = await runOf(40);
    const open = await runOf(40, { endedDays: null });
    await run(
      `insert into run (id, workspace_id, flow_id, version_id, status, open_steps, request, body)
       select (left(id::text, 24) || lpad(to_hex(n), 12, '0'))::uuid, workspace_id, flow_id, version_id, 'queued', 0, request, body
       from run, generate_series(1, 1000) n where id = $1`,
      [open],
    );
    expect(await remove()).toEqual({ days: 0, runs: 1 });
    expect(await homeOf(ended)).toEqual([]);
    expect(await run('select count(*)::int as count from run')).toEqual([{ count: 1_001 }]);
  });

  it('removes the counts of accepted calls with the runs', async () => {
    const flowId = newId<FlowId>();
    await run(`insert into flow (id, workspace_id, name, draft) values ($1, $2, 'test', '{}')`, [flowId, workspaceId]);
    await run(
      `insert into accepted_calls (flow_id, hour, instance_id, workspace_id, calls)
       select $1, date_trunc('hour', now()) - make_interval(days => d), $2, $3, 1 from unnest(array[0, 29, 30, 60]) d`,
      [flowId, newId(), workspaceId],
    );
    await remove();
    expect(await run('select count(*)::int as left from accepted_calls')).toEqual([{ left: 2 }]);
  });

  it('is done by one of several orchestrators at a time, while runs come in and end', async () => {
    await makeDays(40, 39, 38);
    const open = await runOf(40, { endedDays: null });
    const quiet = new AbortController();
    const traffic = (async () => {
      const ids: RunId[] = [];
      while (!quiet.signal.aborted) {
        const id = await runOf(0, { endedDays: null });
        await settleSteps(database, [settled(id)], []);
        ids.push(id);
      }
      return ids;
    })();
    const results = await Promise.all([remove(), remove(), remove()]);
    quiet.abort();
    expect(results.reduce((sum, result) => sum + (result?.days ?? 0), 0)).toBe(3);
    const ids = await traffic;
    expect(
      await run(`select count(*)::int as ended from run where status = 'succeeded' and id = any ($1)`, [ids]),
    ).toEqual([{ ended: ids.length }]);
    expect(await homeOf(open)).toEqual(['run_default', 'step_run_default']);
  });
});

describe('dropping a day', () => {
  it('gives up at once while somebody holds the run log, and changes nothing', async () => {
    await makeDays(40);
    const id = await runOf(40);
    const holder = database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('select 1 from step_run limit 1');
    const began = performance.now();
    expect(await dropRunDay(database, dayBefore(40), [])).toBe('busy');
    expect(performance.now() - began).toBeLessThan(1_000);
    await holder.rollbackTransaction();
    await holder.release();
    expect(await homeOf(id)).toEqual([tableOf(40), `step_${tableOf(40)}`]);
    expect(await dropRunDay(database, dayBefore(40), [])).toBe('dropped');
    expect(await dropRunDay(database, dayBefore(40), [])).toBe('gone');
  });

  it('does not happen when a run has begun there that nobody knew of', async () => {
    await makeDays(40);
    const late = await runOf(40, { endedDays: null });
    expect(await dropRunDay(database, dayBefore(40), [])).toBe('changed');
    expect(await dropRunDay(database, dayBefore(40), [late])).toBe('dropped');
    expect(await homeOf(late)).toEqual(['run_default', 'step_run_default']);
  });
});
