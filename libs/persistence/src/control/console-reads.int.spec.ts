import { newId, type FlowId, type FlowVersionId, type WorkspaceId } from '@millrace/contracts';
import { openDatabase, type Database } from '@millrace/persistence';
import { useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecentRuns } from './recent-runs.js';
import {
  countHour,
  countOtherHours,
  countSteps,
  listDueHours,
  readFailingFlows,
  readKeptCounts,
  readKeptOpen,
  readLastRuns,
} from './run-counts.js';
import { countRuns, listRuns } from './run-log.js';

const testDatabase = useTestDatabase();
let database: Database;

const workspaceId = newId<WorkspaceId>();
const flowIds = Array.from({ length: 50 }, () => newId<FlowId>());
/** Spread over the last 72 hours. `MEASURED_RUNS=1000000` shows how long each read takes then. */
const runCount = Number(process.env['MEASURED_RUNS'] ?? 50_000);
const hourMs = 3_600_000;
const hour = Math.floor(Date.now() / hourMs) * hourMs;

beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec', statementTimeoutMs: 0 });
  const sql = (text: string, values: unknown[] = []) => database.dataSource.query(text, values);
  await sql("select ensure_partitions((now() - interval '4 days')::date, 5)");
  await sql(`insert into workspace (id, name) values ($1, 'spec')`, [workspaceId]);
  await sql(`insert into flow (id, workspace_id, name, draft) select id, $1, 'flow', '{}' from unnest($2::uuid[]) id`, [
    workspaceId,
    flowIds,
  ]);
  await sql(
    `insert into run (id, workspace_id, flow_id, version_id, status, open_steps, started_at, finished_at, request, body)
     select (substr(first_id_at(t)::text, 1, 14) || '7' || substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 7, 12))::uuid,
            $1, ($2::uuid[])[1 + n % 50], $3, case when n % 10 = 0 then 'failed' when n % 1000 = 1 then 'waiting' else 'succeeded' end, 0, t, t,
            '{"method":"POST","path":"","query":{},"headers":{"content-type":"application/json"}}', 'abcdefghijklmnopqrstuvwxyz'
     from generate_series(1, $4::int) n, lateral (select now() - interval '72 hours' + n * interval '72 hours' / $4 as t) at`,
    [workspaceId, flowIds, newId<FlowVersionId>(), runCount],
  );
  await sql(
    `insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, error, finished_at)
     select id, 'step_2', '0', workspace_id, flow_id, version_id, 'failed', '{"code":"away","message":"gone","detail":null}', finished_at
     from run where status = 'failed'`,
  );
  await sql('analyze run, step_run');
}, 400_000);
afterAll(() => database.close());

const timesMs: Record<string, number> = {};
async function timed<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const beganMs = performance.now();
    const result = await act();
    const tookMs = Math.round((performance.now() - beganMs) * 10) / 10;
    timesMs[what] = Math.min(timesMs[what] ?? Infinity, tookMs);
    // The first reads the tables and plans.
    if (tries === 3 || tookMs > 3_000 || !process.env['MEASURED_RUNS']) return result;
  }
}
afterAll(() => {
  if (process.env['MEASURED_RUNS']) process.stdout.write(`${runCount} runs: ${JSON.stringify(timesMs)}\n`);
});

const week = { from: new Date(hour - 167 * hourMs), to: new Date(hour + hourMs) };
const total = (rows: { succeeded: number; failed: number; waiting: number }[]) =>
  rows.reduce((sum, row) => sum + row.succeeded + row.failed + row.waiting, 0);

describe('the numbers of runs', () => {
  it('are the same before hours are counted and after, and need no row of run for what is kept', async () => {
    const before = await timed('uncounted week', () => countOtherHours(database, workspaceId, week));
    expect(total(before)).toBe(runCount);
    const due = await listDueHours(database, 1_000);
    expect(due.length).toBeGreaterThan(150);
    await timed('count all hours', async () => {
      for (const one of due) await countHour(database, workspaceId, one.hour);
    });
    const [kept, other] = [
      await timed('kept week', () => readKeptCounts(database, workspaceId, { ...week, stepMs: hourMs, without: [] })),
      await timed('present hour', () => countOtherHours(database, workspaceId, week)),
    ];
    expect(total(kept) + total(other)).toBe(runCount);
    expect(total(other)).toBeLessThan(runCount / 30);
    const open = await timed('open runs', () => readKeptOpen(database, workspaceId, []));
    expect(open.waiting + other.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(runCount / 1_000);
    await timed('due hours', () => listDueHours(database, 1_000));
    const last = { from: new Date(hour - 2 * hourMs), to: new Date(hour + hourMs) };
    await timed('steps of 5 minutes, 3 hours', () => countSteps(database, workspaceId, { ...last, stepMs: 300_000 }));
    const runs = await timed('last runs of 50 flows', () => readLastRuns(database, workspaceId, flowIds));
    expect(runs).toHaveLength(50);
    const failing = { flowIds: flowIds.slice(0, 10), from: week.from };
    expect(await timed('failing flows', () => readFailingFlows(database, workspaceId, failing))).toHaveLength(10);
  });
});

describe('a look at the newest runs', () => {
  it('reads a range of the index and nothing else', async () => {
    const look = (sinceMs: number) =>
      readRecentRuns(database, { workspaces: [{ workspaceId, sinceMs }], limit: 2_000 });
    await look(0);
    expect(await timed('look, 2,000 newest', () => look(0))).toHaveLength(2_000);
    await timed('look, last 10 s', () => look(Date.now() - 10_000));
    const [plan] = await database.dataSource.query<{ 'QUERY PLAN': object[] }[]>(
      `explain (analyze, format json)
       select id, flow_id, status from run
       where workspace_id = $1 and id >= first_id_at(now() - interval '10 minutes') order by id desc limit 2000`,
      [workspaceId],
    );
    const text = JSON.stringify(plan);
    expect(text).toContain('workspace_id_id_idx');
    expect(text).not.toMatch(/Seq Scan|"Rows Removed by Filter":[1-9]/);
  });
});

describe('a count of runs', () => {
  it('stops at its bound', async () => {
    const bound = 10_000;
    const count = (filter: object) => countRuns(database.dataSource.manager, workspaceId, filter, bound);
    expect(await timed('count all', () => count({}))).toEqual({ count: bound, more: true });
    const failed = await timed('count failed', () => count({ status: ['failed'] }));
    // So many runs are looked at, a tenth of which failed.
    const looked = Math.min(30_000, runCount);
    expect(failed).toEqual({ count: looked / 10, more: looked < runCount });
    const some = { flowId: flowIds[0], status: ['failed'], from: new Date(hour - hourMs) };
    expect((await timed('count some', () => count(some))).more).toBe(false);
    const manager = database.dataSource.manager;
    const page = await timed('first page', () => listRuns(manager, workspaceId, { limit: 50 }));
    const before = page.next as never;
    await timed('next page', () => listRuns(manager, workspaceId, { limit: 50, before }));
    const failedPage = { limit: 50, status: ['failed' as const] };
    await timed('first page of failed', () => listRuns(manager, workspaceId, failedPage));
    await timed('rare', () => listRuns(manager, workspaceId, { limit: 50, status: ['cancelled'] }));
  });
});
