import { newId, type ResultMessage, type RunId, type StepMessage, type StepPath } from '@millrace/contracts';
import { listFailedSteps, reopenSteps, type Reopening } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { releaseDue } from '../upkeep/releaser.js';
import { resultOf, succeeded, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';

const engine = useEngine();

const definition = (name: string) => ({
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', component: 'petstore', operation: 'createPet', mapping: { name } },
    {
      id: 'step_3',
      component: 'petstore',
      operation: 'createPet',
      mapping: { id: 'id', name: '$steps.step_1.petname' },
    },
  ],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_2', to: 'step_3' },
  ],
});

let flow: SeededFlow;
let next: SeededFlow;
beforeAll(async () => {
  flow = await seedFlow(engine.database, definition('petname'));
  next = await seedFlow(engine.database, definition('$string(petname)'), { workspaceId: flow.workspaceId });
});
beforeEach(() => engine.database.dataSource.query('truncate run, step_run'));

const away: ResultMessage['outcome'] = {
  kind: 'failed',
  error: { code: 'away', message: 'away', detail: null },
  retry: { kind: 'policy' },
};
const result = (step: StepMessage, outcome: ResultMessage['outcome']) =>
  handleResults(engine.deps, [resultOf(step, outcome)]);
const lastSent = (): StepMessage => engine.sentSteps().at(-1)!;

async function released(): Promise<StepMessage> {
  await engine.database.dataSource.query(`update step_run set due_at = now() where status = 'waiting'`);
  expect(await releaseDue(engine.deps, new AbortController().signal)).toBe(1);
  return lastSent();
}

/** Lets a step fail until its policy is used up, and gives the message of its last attempt. */
async function failForGood(first: StepMessage): Promise<StepMessage> {
  let step = first;
  for (;;) {
    await result(step, away);
    if ((await engine.runStatus(step.runId)) === 'failed') return step;
    step = await released();
  }
}

async function failedRun(): Promise<StepMessage> {
  await result(await engine.begin(flow, newId<RunId>()), succeeded({ petname: 'Gromit' }));
  return failForGood(lastSent());
}

/** As the control plane does. */
async function reopen(
  runId: RunId,
  change: { versionId?: SeededFlow['versionId']; input?: string } = {},
): Promise<Reopening> {
  return engine.database.dataSource.transaction(async (manager) => {
    const rows = await listFailedSteps(manager, flow.workspaceId, { runId, limit: 100 });
    return reopenSteps(manager, flow.workspaceId, {
      runId,
      steps: rows.map(({ stepId, path, attempt, versionId, error }) => ({
        stepId,
        path,
        attempt,
        versionId: change.versionId ?? versionId,
        input: change.input,
        failure: `{"attempt":${attempt},"startedAt":1,"finishedAt":2,"error":${error}}`,
        overdueAfterMs: 60_000,
      })),
    });
  });
}

const rowOf = async (runId: RunId, stepId: string) =>
  (
    await engine.database.dataSource.query<{ status: string; attempt: number; attempts: { attempt: number }[] }[]>(
      'select status, attempt, attempts, error, input, version_id from step_run where run_id = $1 and step_id = $2',
      [runId, stepId],
    )
  )[0];
const countersOf = async (runId: RunId) =>
  (
    await engine.database.dataSource.query<object[]>(
      'select status, open_steps, failed_steps, finished_at is not null as finished from run where id = $1',
      [runId],
    )
  )[0];

describe('a failed run that is retried', () => {
  it('goes on where it failed, ends succeeded, and shows every attempt', async () => {
    const last = await failedRun();
    const { runId } = last;
    expect(last.attempt).toBe(3);
    expect(await countersOf(runId)).toEqual({ status: 'failed', open_steps: 0, failed_steps: 1, finished: true });
    expect(await reopen(runId)).toEqual({ outcome: 'reopened', left: 0 });
    expect(await countersOf(runId)).toEqual({ status: 'running', open_steps: 1, failed_steps: 0, finished: false });
    engine.sent.length = 0;
    const fourth = await released();
    expect(fourth).toEqual({ ...last, attempt: 4, carry: { ...last.carry, retriedAfter: 3 } });
    await result(fourth, succeeded({ id: 7 }));
    const third = lastSent();
    expect(third).toMatchObject({ stepId: 'step_3', attempt: 1, input: { id: 7, name: 'Gromit' } });
    // The count of a step is its own.
    expect(third.carry).not.toHaveProperty('retriedAfter');
    await result(third, succeeded({}));
    expect(await countersOf(runId)).toEqual({ status: 'succeeded', open_steps: 0, failed_steps: 0, finished: true });
    const row = await rowOf(runId, 'step_2');
    expect(row).toMatchObject({ status: 'succeeded', attempt: 4, error: null });
    expect(row?.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it('has all the attempts of its policy again, whichever copy of a result is judged', async () => {
    const { runId } = await failedRun();
    for (const [after, end] of [
      [3, 6],
      [6, 9],
    ]) {
      await reopen(runId);
      const first = await released();
      expect(first.carry.retriedAfter).toBe(after);
      await result(first, away);
      await result(first, away);
      const last = await failForGood(await released());
      expect(last.attempt).toBe(end);
      await result(last, away);
      expect(await countersOf(runId)).toEqual({ status: 'failed', open_steps: 0, failed_steps: 1, finished: true });
    }
    expect((await rowOf(runId, 'step_2'))?.attempts).toHaveLength(8);
  });

  it('begins with the first pause of the policy again', async () => {
    const { runId } = await failedRun();
    await engine.database.dataSource.query('update step_run set attempt = 50 where run_id = $1 and step_id = $2', [
      runId,
      'step_2',
    ]);
    await reopen(runId);
    await result(await released(), away);
    const [row] = await engine.database.dataSource.query<{ inMs: number }[]>(
      `select (extract(epoch from due_at - now()) * 1000)::float8 as "inMs" from step_run where status = 'waiting'`,
    );
    expect(row?.inMs).toBeLessThanOrEqual(1_000);
  });

  it('goes on with another version from the retried step on, and with a new input where it got one', async () => {
    const { runId, path } = await failedRun();
    await reopen(runId, { versionId: next.versionId, input: '{"name":"Wallace"}' });
    const again = await released();
    expect(again).toMatchObject({ versionId: next.versionId, input: { name: 'Wallace' }, path });
    await result(again, succeeded({ id: 1 }));
    expect(lastSent()).toMatchObject({ stepId: 'step_3', versionId: next.versionId, input: { id: 1, name: 'Gromit' } });
    expect(await rowOf(runId, 'step_1')).toMatchObject({ version_id: flow.versionId });
    expect(await rowOf(runId, 'step_3')).toMatchObject({ version_id: next.versionId });
  });

  it('at its trigger step begins anew with the request as it is kept', async () => {
    const first = await engine.begin(flow, newId<RunId>(), { query: { page: '2' } });
    const last = await failForGood(first);
    await reopen(last.runId);
    const again = await released();
    expect(again).toMatchObject({ stepId: 'step_1', path: '' as StepPath, attempt: 4, input: first.input });
  });

  it('by two at once is retried by one of them', async () => {
    const { runId } = await failedRun();
    const outcomes = await Promise.all([reopen(runId), reopen(runId), reopen(runId)]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['notFailed', 'notFailed', 'reopened']);
    expect(await countersOf(runId)).toEqual({ status: 'running', open_steps: 1, failed_steps: 0, finished: false });
  });

  it('is not moved by late results of the attempts before', async () => {
    const last = await failedRun();
    await reopen(last.runId);
    engine.sent.length = 0;
    await result(last, succeeded({ id: 9 }));
    await result({ ...last, attempt: 1 }, away);
    expect(engine.sent).toEqual([]);
    expect(await rowOf(last.runId, 'step_2')).toMatchObject({ status: 'waiting', attempt: 4 });
  });

  it('of which a result claims more attempts than there were has no more for it than one', async () => {
    const { runId } = await failedRun();
    await reopen(runId);
    const again = await released();
    await result({ ...again, carry: { ...again.carry, retriedAfter: 1_000_000 } }, away);
    expect(await rowOf(runId, 'step_2')).toMatchObject({ status: 'waiting', attempt: 5 });
  });
});
