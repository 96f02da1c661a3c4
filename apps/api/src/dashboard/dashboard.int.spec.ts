import { newId, type FlowId, type RunId } from '@millrace/contracts';
import { countHour, listDueHours, removeOldCounts } from '@millrace/persistence';
import { eventually, seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { tutorialDraft, useApi, type TestUser } from '../../test/api.fixture.js';
import { beginRun, failedRun, finishRun, idAt } from '../../test/runs.fixture.js';
import type { ListedFlow } from '../flows/schemas.js';
import { stepOf } from './read-dashboard.js';
import type { Dashboard } from './schemas.js';

const test = useApi();
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
let user: TestUser;
let flow: SeededFlow;

beforeEach(async () => {
  user = await test.signedIn();
  flow = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
});

const sql = (text: string, values: unknown[] = []) => test.database.dataSource.query(text, values);
const dashboard = async (query = '') =>
  (await test.as(user).get(`/v1/dashboard?${query}`).expect(200)).body as Dashboard;

/** Runs that succeeded, failed and wait, of a time. */
async function seedRuns(atMs: number, of = flow): Promise<Record<'succeeded' | 'failed' | 'waiting', RunId>> {
  const begin = () => beginRun(test.database, of, { id: idAt(atMs) });
  const [succeeded, waiting] = [await begin(), await begin()];
  await finishRun(test.database, of, { runId: succeeded });
  await sql(`update run set status = 'waiting' where id = $1`, [waiting]);
  const failed = await failedRun(test.database, of, undefined, { id: idAt(atMs) });
  return { succeeded, failed, waiting };
}

/** Counts what the process would have counted by now. */
async function countDue(): Promise<number> {
  const due = (await listDueHours(test.database, 100_000)).filter(
    ({ workspaceId }) => workspaceId === user.workspaceId,
  );
  for (const { workspaceId, hour } of due) await countHour(test.database, workspaceId, hour);
  return due.length;
}

const one = { succeeded: 1, failed: 1, cancelled: 0, duplicate: 0, open: 1 };
const twice = { succeeded: 2, failed: 2, cancelled: 0, duplicate: 0, open: 2 };

describe('the dashboard', () => {
  it('shows runs by outcome, kept and present ones alike', async () => {
    const old = await seedRuns(Date.now() - 5 * hourMs);
    const now = await seedRuns(Date.now());
    const before = await dashboard();
    expect(before.totals).toEqual(twice);
    expect(await countDue()).toBeGreaterThan(100);
    expect(await countDue()).toBe(0);
    const after = await dashboard();
    expect(after).toEqual(before);
    expect(after.buckets.filter(({ succeeded }) => succeeded > 0)).toMatchObject([one, one]);
    expect(after.buckets).toHaveLength(25);
    expect(after.now).toEqual({ queued: 0, running: 0, waiting: 2 });
    expect(
      after.recentRuns
        .map(({ id }) => id)
        .slice(0, 3)
        .sort(),
    ).toEqual(Object.values(now).sort());
    expect(after.failingFlows).toEqual([
      {
        flowId: flow.flowId,
        name: 'test',
        status: 'running',
        failed: 2,
        rate: 0.5,
        lastError: {
          runId: now.failed,
          stepId: 'step_2',
          code: 'away',
          message: 'The Petstore API is away',
          failedAt: expect.any(String) as string,
        },
      },
    ]);
    expect(old.failed).not.toBe(now.failed);
  });

  it.each([
    [2 * hourMs, 300],
    [dayMs, 3_600],
    [7 * dayMs, 21_600],
    [30 * dayMs, 86_400],
  ])('of %i ms has buckets of %i s, and each run once', async (spanMs, bucketSeconds) => {
    await seedRuns(Date.now());
    const shown = await dashboard(`from=${new Date(Date.now() - spanMs).toISOString()}`);
    expect(shown.bucketSeconds).toBe(bucketSeconds);
    expect(shown.totals).toEqual(one);
    expect(stepOf(spanMs)).toBe(bucketSeconds * 1_000);
    expect(shown.buckets.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(1);
  });

  it('shows the flow that fails most first, one flow alone, and nothing of other workspaces', async () => {
    const worse = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
    await seedRuns(Date.now());
    await seedRuns(Date.now(), worse);
    await failedRun(test.database, worse);
    await seedRuns(Date.now(), await seedFlow(test.database, tutorialDraft(newId())));
    const shown = await dashboard();
    expect(shown.totals).toMatchObject({ failed: 3, succeeded: 2 });
    expect(shown.failingFlows.map(({ flowId }) => flowId)).toEqual([worse.flowId, flow.flowId]);
    const alone = await dashboard(`flowId=${flow.flowId}`);
    expect(alone).toMatchObject({ totals: one, now: { waiting: 1 }, failingFlows: [{ flowId: flow.flowId }] });
    expect(alone.recentRuns).toHaveLength(3);
    await test.as(user).get('/v1/dashboard?from=2026-01-02&to=2026-01-01').expect(400);
  });

  it('follows runs of an hour that was counted: an open one, and one that is retried', async () => {
    const { waiting, failed } = await seedRuns(Date.now() - 5 * hourMs);
    await countDue();
    await sql(`update run set status = 'succeeded', finished_at = now() where id = $1`, [waiting]);
    const counted = () => sql(`update run_hour_count set counted_at = now() - interval '30 minutes' where open`);
    await counted();
    expect(await countDue()).toBe(1);
    expect((await dashboard()).totals).toEqual({ ...one, succeeded: 2, open: 0 });
    expect(await countDue()).toBe(0);
    await test.as(user).post(`/v1/runs/${failed}/retry`).expect(200);
    await sql(`update run_hour_count set counted_at = now() - interval '61 seconds' where eager_until is not null`);
    expect(await countDue()).toBe(1);
    expect((await dashboard()).totals).toMatchObject({ failed: 0, open: 1 });
  });

  it('forgets hours with the runs of them', async () => {
    await sql(
      `insert into run_hour_count (workspace_id, hour, counted_at, open) values ($1, now() - interval '31 days', now(), false)`,
      [user.workspaceId],
    );
    await removeOldCounts(test.database.dataSource.manager);
    expect(await sql('select from run_hour_count where workspace_id = $1', [user.workspaceId])).toEqual([]);
  });
});

describe('a list of flows', () => {
  it('has the last run of each, and what became of those of a day and a week', async () => {
    await seedRuns(Date.now() - 3 * dayMs);
    const { failed, waiting, succeeded } = await seedRuns(Date.now());
    await countDue();
    const idle = await seedFlow(test.database, tutorialDraft(newId()), { workspaceId: user.workspaceId });
    const flows = async () => {
      const { body } = await test.as(user).get('/v1/flows').expect(200);
      return (body as { items: ListedFlow[] }).items;
    };
    const found = await flows();
    const of = (id: FlowId) => found.find((one) => one.id === id);
    expect(of(flow.flowId)).toMatchObject({
      lastDay: { succeeded: 1, failed: 1, total: 3, successRate: 0.5 },
      lastWeek: { succeeded: 2, failed: 2, total: 6, successRate: 0.5 },
    });
    expect([failed, waiting, succeeded]).toContain(of(flow.flowId)?.lastRun?.id);
    expect(of(idle.flowId)).toMatchObject({ lastRun: null, lastWeek: { total: 0, successRate: null } });
    const runId = await failedRun(test.database, idle);
    const last = async () => (await flows()).find((one) => one.id === idle.flowId)?.lastRun;
    await eventually(async () => expect(await last()).toMatchObject({ id: runId, status: 'failed' }));
  });
});
