import {
  newId,
  rootPath,
  type FlowId,
  type FlowVersionId,
  type RunId,
  type StepId,
  type StepPath,
  type WorkspaceId,
} from '@millrace/contracts';
import { openDatabase, type Database } from '@millrace/persistence';
import { useTestDatabase } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertRuns, type NewRun } from './insert-runs.js';
import { readRequest } from './read-request.js';
import { readRunEnds } from './read-run-ends.js';
import { readStepRuns } from './read-step-runs.js';
import { settleSteps, type OpenedStep, type StepSettlement } from './settle-steps.js';
import { takeOverdueSteps } from './take-overdue-steps.js';

const testDatabase = useTestDatabase();
let database: Database;
beforeAll(async () => {
  database = await openDatabase({ url: testDatabase.url, applicationName: 'spec' });
});
afterAll(() => database.close());

const trigger = 'step_1' as StepId;
const second = 'step_2' as StepId;

function newRun(change: Partial<NewRun> = {}): NewRun {
  return {
    id: newId<RunId>(),
    workspaceId: newId<WorkspaceId>(),
    flowId: newId<FlowId>(),
    versionId: newId<FlowVersionId>(),
    triggerStepId: trigger,
    receivedAt: Date.now(),
    request: '{"method":"POST"}',
    body: Buffer.from('{"petname":"Gromit"}'),
    dueInMs: 60_000,
    ...change,
  };
}

function settled(run: NewRun, change: Partial<StepSettlement> = {}): StepSettlement {
  return {
    runId: run.id,
    stepId: trigger,
    path: rootPath,
    attempt: 1,
    status: 'succeeded',
    output: '{"a":1}',
    outputCount: 1,
    error: null,
    logs: null,
    componentVersion: '1.0.0',
    startedAt: Date.now(),
    finishedAt: Date.now(),
    ...change,
  };
}

function opened(run: NewRun, change: Partial<OpenedStep> = {}): OpenedStep {
  const { workspaceId, flowId, versionId } = run;
  const path = '0' as StepPath;
  return {
    parent: 0,
    runId: run.id,
    stepId: second,
    path,
    workspaceId,
    flowId,
    versionId,
    input: '{}',
    dueInMs: 60_000,
    ...change,
  };
}

interface RunRow {
  status: string;
  open_steps: number;
  failed_steps: number;
  ended: boolean;
}

async function readRun(id: RunId): Promise<RunRow> {
  const rows = await database.dataSource.query<RunRow[]>(
    'select status, open_steps, failed_steps, finished_at is not null as ended from run where id = $1',
    [id],
  );
  return rows[0]!;
}

describe('a run', () => {
  it('is written once however often its trigger is delivered', async () => {
    const run = newRun();
    expect(await insertRuns(database, [run, newRun()])).toHaveProperty('size', 2);
    expect(await insertRuns(database, [run, newRun()])).not.toContain(run.id);
    expect(await readRun(run.id)).toEqual({ status: 'running', open_steps: 1, failed_steps: 0, ended: false });
  });

  it('goes on while a step is open and succeeds with its last one', async () => {
    const run = newRun();
    await insertRuns(database, [run]);
    expect([...(await settleSteps(database, [settled(run)], [opened(run)])).won]).toEqual([0]);
    expect(await readRun(run.id)).toMatchObject({ status: 'running', open_steps: 1, ended: false });
    await settleSteps(database, [settled(run, { stepId: second, path: '0' as StepPath })], []);
    expect(await readRun(run.id)).toMatchObject({ status: 'succeeded', open_steps: 0, ended: true });
  });

  it('with several branches ends with the last of them, and fails when one failed', async () => {
    const run = newRun();
    await insertRuns(database, [run]);
    const paths = ['0', '1', '2'] as StepPath[];
    await settleSteps(
      database,
      [settled(run)],
      paths.map((path) => opened(run, { path })),
    );
    expect(await readRun(run.id)).toMatchObject({ open_steps: 3 });
    const failed = settled(run, {
      stepId: second,
      path: paths[0]!,
      status: 'failed',
      output: null,
      outputCount: 0,
      error: '{}',
    });
    await settleSteps(database, [failed, settled(run, { stepId: second, path: paths[1]! })], []);
    expect(await readRun(run.id)).toMatchObject({ status: 'running', open_steps: 1, failed_steps: 1, ended: false });
    await settleSteps(database, [settled(run, { stepId: second, path: paths[2]! })], []);
    expect(await readRun(run.id)).toMatchObject({ status: 'failed', open_steps: 0, ended: true });
  });

  it('is counted exactly when the same results arrive many times at once', async () => {
    const runs = Array.from({ length: 20 }, () => newRun());
    await insertRuns(database, runs);
    const settlements = runs.map((run) => settled(run));
    const follow = runs.map((run, parent) => opened(run, { parent }));
    const wins = await Promise.all(Array.from({ length: 8 }, () => settleSteps(database, settlements, follow)));
    expect(wins.reduce((sum, { won }) => sum + won.size, 0)).toBe(runs.length);
    for (const run of runs) expect(await readRun(run.id)).toMatchObject({ open_steps: 1 });
  });
});

describe('a step run that is opened with an error', () => {
  it('runs until a result ends it, and its row says why it cannot be sent', async () => {
    const run = newRun();
    await insertRuns(database, [run]);
    const paths = ['0', '1'] as StepPath[];
    const error = { code: 'mapping_failed', message: 'At character 1', detail: { errors: [] } };
    const steps = [
      opened(run, { path: paths[0]!, input: null, error: JSON.stringify(error) }),
      opened(run, { path: paths[1]!, input: '{"a":1}' }),
    ];
    expect(await settleSteps(database, [settled(run)], steps)).toEqual({ won: new Set([0]), ended: new Map() });
    const keys = paths.map((path) => ({ runId: run.id, stepId: second, path }));
    const states = await readStepRuns(database, keys);
    expect(states.toSorted((a, b) => a.path.localeCompare(b.path))).toMatchObject([
      { status: 'running', input: null, error },
      { status: 'running', input: { a: 1 }, error: null },
    ]);
    expect(await readRun(run.id)).toMatchObject({ status: 'running', open_steps: 2, failed_steps: 0 });
    const failure = { status: 'failed', output: null, outputCount: 0, error: JSON.stringify(error) } as const;
    const ends = [
      settled(run, { stepId: second, path: paths[0]!, ...failure, wantsEnd: true }),
      settled(run, { stepId: second, path: paths[1]! }),
    ];
    expect(await settleSteps(database, ends, [])).toMatchObject({ ended: new Map([[run.id, 'failed']]) });
    expect(await readRun(run.id)).toMatchObject({ status: 'failed', open_steps: 0, failed_steps: 1, ended: true });
  });
});

describe('the end of a run', () => {
  it('is told to those who want to know it, when it comes', async () => {
    const [asking, silent, going, failing] = [newRun(), newRun(), newRun(), newRun()];
    await insertRuns(database, [asking, silent, going, failing]);
    const settlements = [
      settled(asking, { wantsEnd: true }),
      settled(silent),
      settled(going, { wantsEnd: true }),
      settled(failing, { wantsEnd: true, status: 'failed', output: null, error: '{}' }),
    ];
    const first = await settleSteps(database, settlements, [opened(going, { parent: 2 })]);
    expect(first.won).toEqual(new Set([0, 1, 2, 3]));
    expect(first.ended).toEqual(
      new Map([
        [asking.id, 'succeeded'],
        [failing.id, 'failed'],
      ]),
    );
    expect(await settleSteps(database, settlements, [])).toEqual({ won: new Set(), ended: new Map() });
    expect(await readRun(going.id)).toMatchObject({ open_steps: 1, ended: false });
  });

  it('is read again with whether a reply step had succeeded before it', async () => {
    const [replied, other, open] = [newRun(), newRun(), newRun()];
    await insertRuns(database, [replied, other, open]);
    await settleSteps(database, [settled(replied), settled(other, { status: 'failed', error: '{}' })], []);
    const asked = new Map([replied, other, open].map((run) => [run.id, [trigger, second]]));
    expect((await readRunEnds(database, asked)).toSorted((a, b) => a.runId.localeCompare(b.runId))).toEqual([
      { runId: replied.id, status: 'succeeded', replied: true },
      { runId: other.id, status: 'failed', replied: false },
    ]);
    expect(await readRunEnds(database, new Map([[replied.id, [second]]]))).toMatchObject([{ replied: false }]);
  });
});

describe('a settlement', () => {
  it('opens nothing when it comes too late', async () => {
    const run = newRun();
    await insertRuns(database, [run]);
    await settleSteps(database, [settled(run, { status: 'failed', error: '{"code":"x"}' })], []);
    expect(await settleSteps(database, [settled(run)], [opened(run)])).toHaveProperty('won.size', 0);
    expect(await readStepRuns(database, [{ runId: run.id, stepId: second, path: '0' as StepPath }])).toEqual([]);
    expect(await readRun(run.id)).toMatchObject({ status: 'failed', open_steps: 0 });
  });

  it('of another attempt changes nothing', async () => {
    const run = newRun();
    await insertRuns(database, [run]);
    expect(await settleSteps(database, [settled(run, { attempt: 2 })], [])).toHaveProperty('won.size', 0);
  });

  it('keeps what jsonb would refuse: NUL characters and lone surrogates', async () => {
    const run = newRun();
    await insertRuns(database, [run]);
    const output = { nul: 'a\u0000b', lone: '\ud800', wide: '🐶' };
    await settleSteps(database, [settled(run, { output: JSON.stringify(output) })], []);
    const states = await readStepRuns(database, [{ runId: run.id, stepId: trigger, path: rootPath }]);
    expect(states[0]).toMatchObject({ status: 'succeeded', output, outputCount: 1 });
  });

  async function settleBatch(on: Database): Promise<NewRun[]> {
    const runs = Array.from({ length: 50 }, () => newRun());
    await insertRuns(on, runs);
    await settleSteps(
      on,
      runs.map((run) => settled(run)),
      runs.map((run, parent) => opened(run, { parent })),
    );
    return runs;
  }

  it('of a batch is one transaction', async () => {
    const ids = (await settleBatch(database)).map((run) => run.id);
    // Settling opens as many steps as it ends, so the rows of the runs stay as they were.
    const writers = await database.dataSource.query<{ xmin: string }[]>(
      'select distinct xmin::text from step_run where run_id = any ($1::uuid[])',
      [ids],
    );
    const rows = await database.dataSource.query('select 1 from step_run where run_id = any ($1::uuid[])', [ids]);
    expect(rows).toHaveLength(100);
    expect(writers).toHaveLength(1);
  });

  it('of a batch looks its rows up by key, even while the tables have no statistics', async () => {
    const one = await openDatabase({ url: testDatabase.url, applicationName: 'spec', poolSize: 1 });
    try {
      // What a transaction has scanned so far is known to its own connection, whatever others do meanwhile.
      const scans = async (): Promise<number> => {
        const [row] = await one.dataSource.query<{ scans: number }[]>(
          `select sum(seq_scan)::int as scans from pg_stat_xact_user_tables where relname like '%run_2%'`,
        );
        return row!.scans;
      };
      await one.dataSource.query('begin');
      const before = await scans();
      await settleBatch(one);
      expect(await scans()).toBe(before);
      await one.dataSource.query('set local enable_seqscan = on');
      await one.dataSource.query('select count(*) from step_run where output_count = 7');
      expect(await scans(), 'the count notices a scan').toBeGreaterThan(before);
      await one.dataSource.query('commit');
    } finally {
      await one.close();
    }
  });
});

describe('overdue step runs', () => {
  it('are taken once, by one of several takers, and their request is at hand to dispatch them again', async () => {
    const runs = Array.from({ length: 30 }, () => newRun({ dueInMs: -1000 }));
    await insertRuns(database, runs);
    const taken = (
      await Promise.all(Array.from({ length: 5 }, () => takeOverdueSteps(database, { limit: 100, againInMs: 60_000 })))
    ).flat();
    const mine = taken.filter((step) => runs.some((run) => run.id === step.runId));
    expect(mine.map((step) => step.runId).toSorted()).toEqual(runs.map((run) => run.id).toSorted());
    expect(mine[0]).toMatchObject({ stepId: trigger, path: '', versionId: expect.any(String) });
    const kept = await readRequest(database, mine[0]!.runId);
    expect(kept).toEqual({ request: { method: 'POST' }, body: Buffer.from('{"petname":"Gromit"}') });
    expect(await takeOverdueSteps(database, { limit: 100, againInMs: 60_000 })).toEqual([]);
  });
});
