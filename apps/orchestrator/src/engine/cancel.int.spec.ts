import { setTimeout as sleep } from 'node:timers/promises';
import { newId, type RunId, type StepMessage } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { endCancelledSteps, listCancellations, markCancelled } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endCancellations } from '../upkeep/cancellations.js';
import { reconcile } from '../upkeep/reconciler.js';
import { releaseDue } from '../upkeep/releaser.js';
import { failed, resultOf, succeeded, triggerOf, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';
import { handleTriggers } from './triggers.js';

const engine = useEngine();
const goesOn = new AbortController().signal;

const step = (id: string): FlowDraft['steps'][number] => ({ id, component: 'petstore', operation: 'createPet' });
const tree: FlowDraft = {
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    step('step_2'),
    step('step_3'),
    { ...step('step_4'), mapping: { id: '$string($random())' } },
  ],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_1', to: 'step_3' },
    { from: 'step_2', to: 'step_4' },
  ],
};

let flow: SeededFlow;
beforeAll(async () => {
  flow = await seedFlow(engine.database, tree);
});
beforeEach(() => engine.database.dataSource.query('truncate run, step_run, run_cancellation'));

interface State {
  status: string;
  open: number;
  failed: number;
  openRows: number;
  failedRows: number;
}

async function stateOf(runId: RunId): Promise<State | undefined> {
  const [row] = await engine.database.dataSource.query<State[]>(
    `select r.status, r.open_steps as open, r.failed_steps as failed,
            (select count(*)::int from step_run s where s.run_id = r.id and s.status in ('running', 'waiting')) as "openRows",
            (select count(*)::int from step_run s where s.run_id = r.id and s.status = 'failed') as "failedRows"
     from run r where r.id = $1`,
    [runId],
  );
  return row;
}

async function cancel(runId: RunId): Promise<boolean> {
  const marked = await markCancelled(engine.database.dataSource.manager, flow.workspaceId, runId);
  expect(await endCancelledSteps(engine.database, runId, 5_000)).toBe(true);
  return marked !== undefined;
}

/** Answers a step at random: with some outputs, or a failure that another attempt follows or not. */
function answer(message: StepMessage) {
  const chance = Math.random();
  if (chance < 0.15) return resultOf(message, failed);
  if (chance < 0.3)
    return resultOf(message, {
      kind: 'failed',
      error: { code: 'away', message: '', detail: null },
      retry: { kind: 'policy' },
    });
  return resultOf(message, succeeded(...Array.from({ length: Math.floor(Math.random() * 4) }, (_, n) => ({ n }))));
}

/** Works on a run as components do until nothing is sent any more, and gives all results that it was brought. */
async function work(runId: RunId, stop: () => boolean) {
  const answered = new Set<StepMessage>();
  const results = [];
  for (let idle = 0; idle < 3 && !stop();) {
    const sent = engine.sentSteps().filter((message) => message.runId === runId);
    const fresh = sent.filter(
      ({ stepId, path, attempt }) =>
        ![...answered].some((known) => known.stepId === stepId && known.path === path && known.attempt === attempt),
    );
    idle = fresh.length === 0 ? idle + 1 : 0;
    for (const message of fresh) answered.add(message);
    const deliveries = fresh.map(answer);
    results.push(...deliveries);
    if (deliveries.length > 0) await handleResults(engine.deps, deliveries);
    await engine.database.dataSource.query(`update step_run set due_at = now() where status = 'waiting'`);
    await releaseDue(engine.deps, goesOn);
    await sleep(1);
  }
  return results;
}

describe('a run that is cancelled', () => {
  it('while results come in has no open step, exact counters, and nothing is sent for it any more', async () => {
    let cancelledOnes = 0;
    for (let round = 0; round < 40; round += 1) {
      const runId = newId<RunId>();
      await handleTriggers(engine.deps, [triggerOf(flow, runId)]);
      const working = work(runId, () => false);
      await sleep(Math.random() * 30);
      const cancelled = await cancel(runId);
      const results = await working;
      const state = (await stateOf(runId))!;
      if (cancelled) {
        cancelledOnes += 1;
        expect(state).toMatchObject({ status: 'cancelled', open: 0, openRows: 0 });
        expect(state.failed).toBeLessThanOrEqual(state.failedRows);
      } else expect(['succeeded', 'failed']).toContain(state.status);
      engine.sent.length = 0;
      await engine.database.dataSource.query(
        `update step_run set due_at = now() - interval '1 day' where due_at is not null`,
      );
      await releaseDue(engine.deps, goesOn);
      await reconcile(engine.deps);
      // Everything once more, as after a lost connection.
      await handleTriggers(engine.deps, [triggerOf(flow, runId)]);
      for (const result of results) await handleResults(engine.deps, [result]);
      expect(engine.sentSteps()).toEqual([]);
      expect(await stateOf(runId)).toEqual(state);
    }
    expect(cancelledOnes).toBeGreaterThan(5);
    expect(await listCancellations(engine.database, { olderThanMs: 0, limit: 10 })).toEqual([]);
  }, 120_000);

  it('is left alone by the result of what a component was doing', async () => {
    const trigger = await engine.begin(flow, newId<RunId>());
    await cancel(trigger.runId);
    engine.sent.length = 0;
    expect(await handleResults(engine.deps, [resultOf(trigger, succeeded({ a: 1 }))])).toEqual([{ outcome: 'done' }]);
    expect(engine.sent).toEqual([]);
    expect(await stateOf(trigger.runId)).toMatchObject({ status: 'cancelled', open: 0, openRows: 0, failed: 0 });
  });

  it('does not run into a deadlock with a result that ends many of its steps at once', async () => {
    const trigger = await engine.begin(flow, newId<RunId>());
    await handleResults(engine.deps, [resultOf(trigger, succeeded(...Array.from({ length: 300 }, (_, n) => ({ n }))))]);
    const open = engine.sentSteps().filter(({ stepId }) => stepId !== 'step_1');
    expect(open).toHaveLength(600);
    const results = open.map((message) => resultOf(message, succeeded({ done: true })));
    const settling = [0, 1, 2].map((part) => handleResults(engine.deps, results.slice(part * 200, part * 200 + 200)));
    await Promise.all([cancel(trigger.runId), cancel(trigger.runId), ...settling]);
    expect(await stateOf(trigger.runId)).toMatchObject({ status: 'cancelled', open: 0, openRows: 0 });
  });

  it('by someone who was killed in between is ended by the orchestrator, with what was opened since', async () => {
    const trigger = await engine.begin(flow, newId<RunId>());
    await markCancelled(engine.database.dataSource.manager, flow.workspaceId, trigger.runId);
    await handleResults(engine.deps, [resultOf(trigger, succeeded({ a: 1 }, { a: 2 }))]);
    expect(await stateOf(trigger.runId)).toMatchObject({ status: 'cancelled', openRows: 4 });
    // Whoever cancelled it may still be at it.
    expect(await endCancellations(engine.deps)).toBe(0);
    expect(await endCancellations(engine.deps, { olderThanMs: 0 })).toBe(1);
    expect(await stateOf(trigger.runId)).toMatchObject({ status: 'cancelled', open: 0, openRows: 0 });
    expect(await endCancellations(engine.deps, { olderThanMs: 0 })).toBe(0);
  });

  it('though a step run is held by someone else keeps its note, and is ended later', async () => {
    const trigger = await engine.begin(flow, newId<RunId>());
    await engine.database.dataSource.transaction(async (manager) => {
      await manager.query('select 1 from step_run where run_id = $1 for update', [trigger.runId]);
      await markCancelled(engine.database.dataSource.manager, flow.workspaceId, trigger.runId);
      expect(await endCancelledSteps(engine.database, trigger.runId, 50)).toBe(false);
    });
    expect(await endCancellations(engine.deps, { olderThanMs: 0 })).toBe(1);
    expect(await stateOf(trigger.runId)).toMatchObject({ openRows: 0 });
  });

  it('before its first step began, as a queued one, never begins', async () => {
    const trigger = await engine.begin(flow, newId<RunId>());
    const { runId } = trigger;
    await engine.database.dataSource.query('delete from step_run where run_id = $1', [runId]);
    await engine.database.dataSource.query(`update run set status = 'queued' where id = $1`, [runId]);
    expect(await cancel(runId)).toBe(true);
    expect(await stateOf(runId)).toMatchObject({ status: 'cancelled', open: 0, openRows: 0 });
  });

  it('stays one when it is cancelled again, and one of another workspace is not touched', async () => {
    const { runId } = await engine.begin(flow, newId<RunId>());
    const { manager } = engine.database.dataSource;
    expect(await markCancelled(manager, newId(), runId)).toBeUndefined();
    expect(await stateOf(runId)).toMatchObject({ status: 'running', openRows: 1 });
    expect(await cancel(runId)).toBe(true);
    expect(await cancel(runId)).toBe(false);
  });
});
