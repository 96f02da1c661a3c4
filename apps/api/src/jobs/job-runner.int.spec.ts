import { createMappingPool, type MappingPool } from '@millrace/mapping-sandbox';
import { newId, type UserId, nothingReached } from '@millrace/contracts';
import { insertBulkJob, openDatabase, type BulkAction, type Database } from '@millrace/persistence';
import { eventually, seedFlow, useTestDatabase, type SeededFlow } from '@millrace/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silent, tutorialDraft } from '../../test/api.fixture.js';
import { failedRun } from '../../test/runs.fixture.js';
import { createRunCounter } from '../dashboard/run-counts.js';
import type { ApiDeps } from '../deps.js';
import type { OutgoingCopy } from '../parked/parked-messages.js';
import { cachedPlans } from '../runs/plans.js';
import { cachedStepMasks } from '../runs/step-masks.js';
import { startJobRunner, type JobRunner } from './job-runner.js';

const testDatabase = useTestDatabase();
let database: Database;
let mappings: MappingPool;
let flow: SeededFlow;
let sent: OutgoingCopy[];
const runners: JobRunner[] = [];
const options = { leaseMs: 400, everyMs: 20 };

beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
  mappings = createMappingPool({ maxProcesses: 1 });
});
afterAll(async () => {
  await mappings.close();
  await database.close();
});
beforeEach(async () => {
  sent = [];
  await database.dataSource.query('truncate run, step_run, bulk_job');
  flow = await seedFlow(database, tutorialDraft(newId()));
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
});

function start(over: Partial<ApiDeps> = {}): JobRunner {
  const deps: ApiDeps = {
    database,
    credentialKey: () => Buffer.alloc(32),
    askComponent: async () => ({ outcome: 'unavailable' }),
    askTokenEndpoint: async () => ({ outcome: 'unavailable', reason: 'not here' }),
    oauth2CallbackUrl: 'https://console.example.test/callback',
    verifyWithinMs: 1_000,
    invalidate: async () => undefined,
    sendCopy: async (message) => {
      sent.push(message);
      return 'confirmed';
    },
    sendAnswer: async () => undefined,
    plans: cachedPlans(database),
    wakeJobs: () => undefined,
    reached: nothingReached,
    messageCount: async () => undefined,
    consumerCount: async () => undefined,
    runCounter: createRunCounter(database),
    live: { join: async () => ({ outcome: 'full' }) },
    stepMasks: cachedStepMasks(database),
    resumeUrls: { sign: () => '' },
    mappings,
    setupToken: '',
    consoleUrl: 'https://millrace.example.test',
    hookUrl: 'https://hooks.example.test',
    logger: silent,
    ...over,
  };
  const runner = startJobRunner(deps, options);
  runners.push(runner);
  return runner;
}

async function insertJob(action: BulkAction): Promise<string> {
  const id = newId<string>();
  await insertBulkJob(database.dataSource.manager, flow.workspaceId, {
    id,
    action,
    version: action === 'cancel' ? null : 'same',
    filter: { flowId: flow.flowId },
    createdBy: newId<UserId>(),
    createdAt: new Date(Date.now() + 1_000),
    maxOpen: 10,
  });
  return id;
}

interface JobRow {
  status: string;
  total: number;
  done: number;
  failed: number;
}
const jobOf = async (id: string) =>
  (
    await database.dataSource.query<JobRow[]>('select status, total, done, failed from bulk_job where id = $1', [id])
  )[0];
const isDone = (id: string) =>
  eventually(async () => expect(await jobOf(id)).toMatchObject({ status: 'done' }), { timeoutMs: 60_000 });

/** A database that a process loses with its life: in its n-th transaction, before or after the commit. */
function mortal(kill: { inTransaction: number; commits: boolean }): {
  database: Database;
  died: () => boolean;
  kill: () => void;
} {
  let transactions = 0;
  let dead = false;
  const alive = () => {
    if (dead) throw new Error('killed');
  };
  const manager = new Proxy(database.dataSource.manager, {
    get(target, name, receiver) {
      if (name !== 'query') return Reflect.get(target, name, receiver) as unknown;
      return (...args: Parameters<typeof target.query>) => {
        alive();
        return target.query(...args);
      };
    },
  });
  const dataSource = new Proxy(database.dataSource, {
    get(target, name, receiver) {
      if (name === 'manager') return manager;
      if (name !== 'transaction') return Reflect.get(target, name, receiver) as unknown;
      return async (act: (inside: typeof manager) => Promise<unknown>) => {
        alive();
        const last = (transactions += 1) === kill.inTransaction;
        const result = await target.transaction(async (inside) => {
          const acted = await act(inside);
          dead ||= last;
          if (last && !kill.commits) throw new Error('killed');
          return acted;
        });
        alive();
        return result;
      };
    },
  });
  const hot: Database['hot'] = async (statement) => {
    alive();
    return database.hot(statement);
  };
  return { database: { ...database, dataSource, hot }, died: () => dead, kill: () => (dead = true) };
}

describe('a bulk job whose process is killed', () => {
  it.each([false, true])(
    'goes on elsewhere, and each of 500 runs is retried once (killed after its last commit: %s)',
    async (commits) => {
      for (let n = 0; n < 500; n += 1) await failedRun(database, flow);
      const id = await insertJob('retry');
      const first = mortal({ inTransaction: 237, commits });
      start({ database: first.database });
      await eventually(() => expect(first.died()).toBe(true), { timeoutMs: 60_000 });
      expect(await jobOf(id)).toEqual({ status: 'running', total: 500, done: commits ? 237 : 236, failed: 0 });
      start();
      await isDone(id);
      expect(await jobOf(id)).toEqual({ status: 'done', total: 500, done: 500, failed: 0 });
      const steps = await database.dataSource.query(
        `select status, attempt, count(*)::int as count from step_run where step_id = 'step_2' group by 1, 2`,
      );
      expect(steps).toEqual([{ status: 'waiting', attempt: 2, count: 500 }]);
      const runs = await database.dataSource.query(
        'select status, open_steps, failed_steps, count(*)::int as count from run group by 1, 2, 3',
      );
      expect(runs).toEqual([{ status: 'running', open_steps: 1, failed_steps: 0, count: 500 }]);
    },
    120_000,
  );

  it('makes no second replay of a run', async () => {
    for (let n = 0; n < 20; n += 1) await failedRun(database, flow);
    const id = await insertJob('replay');
    const dying = mortal({ inTransaction: Infinity, commits: true });
    start({
      database: dying.database,
      sendCopy: async (message) => {
        sent.push(message);
        if (sent.length === 7) dying.kill();
        return 'confirmed';
      },
    });
    await eventually(() => expect(dying.died()).toBe(true));
    start();
    await isDone(id);
    expect(await jobOf(id)).toEqual({ status: 'done', total: 20, done: 20, failed: 0 });
    expect(sent).toHaveLength(21);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(20);
  });
});

describe('several processes', () => {
  it('share the jobs and act on no run twice', async () => {
    const flows = [
      flow,
      await seedFlow(database, tutorialDraft(newId())),
      await seedFlow(database, tutorialDraft(newId())),
    ];
    const ids = [];
    for (const one of flows) {
      flow = one;
      for (let n = 0; n < 120; n += 1) await failedRun(database, one);
      ids.push(await insertJob('retry'), await insertJob('retry'));
    }
    for (let n = 0; n < 3; n += 1) start();
    for (const id of ids) await isDone(id);
    const jobs = await Promise.all(ids.map(jobOf));
    expect(jobs.map((job) => job?.done)).toEqual([120, 0, 120, 0, 120, 0]);
    expect(jobs.every((job) => job?.failed === 0)).toBe(true);
  }, 60_000);

  it('wait for a broker that does not confirm, and go on then', async () => {
    await failedRun(database, flow);
    let away = true;
    start({ sendCopy: async () => (away ? 'unavailable' : 'confirmed') });
    const id = await insertJob('replay');
    await eventually(async () => expect(await jobOf(id)).toMatchObject({ status: 'running', total: 1 }));
    expect(await jobOf(id)).toMatchObject({ done: 0, failed: 0 });
    away = false;
    await isDone(id);
    expect(await jobOf(id)).toMatchObject({ done: 1, failed: 0 });
  });
});

describe('a job that cannot go on', () => {
  const isStopped = (id: string) =>
    eventually(async () => expect(await jobOf(id)).toMatchObject({ status: 'cancelled' }), { timeoutMs: 20_000 });
  const failuresOf = async (id: string) =>
    (await database.dataSource.query<{ failures: unknown }[]>('select failures from bulk_job where id = $1', [id]))[0]
      ?.failures;
  const stop = { runId: null, code: 'internal_error', message: expect.stringContaining('could not go on') as string };

  it('ends and says why, so that those after it have their turn', async () => {
    const runId = await failedRun(database, flow);
    const id = await insertJob('retry');
    await database.dataSource.query(
      `update bulk_job set filter = '{"to":"+010000-01-01T00:59:59.000Z"}' where id = $1`,
      [id],
    );
    const next = await insertJob('retry');
    start();
    await isStopped(id);
    expect(await failuresOf(id)).toEqual([stop]);
    await isDone(next);
    const [run] = await database.dataSource.query<{ status: string }[]>('select status from run where id = $1', [
      runId,
    ]);
    expect(run?.status).toBe('running');
  });

  it('keeps the failures that it noted before', async () => {
    const id = await insertJob('retry');
    const before = { runId: newId(), code: 'flow_changed', message: 'No' };
    await database.dataSource.query(
      `update bulk_job set filter = '{}', total = 1, failed = 1, failures = $2 where id = $1`,
      [id, JSON.stringify([before])],
    );
    start();
    await isStopped(id);
    expect(await failuresOf(id)).toEqual([before, stop]);
  });
});
