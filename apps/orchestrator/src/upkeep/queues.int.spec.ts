import { newId, type FlowVersionId, type RunId, type StepMessage } from '@millrace/contracts';
import type { FlowDraft, FlowSettings } from '@millrace/flow-model';
import { findEndedQueues, findFailedQueues, findWaitingQueues } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { failed, resultOf, settleTriggers, succeeded, triggerOf, useEngine } from '../engine/engine.fixture.js';
import { handleResults } from '../engine/results.js';
import { advanceQueue, type Advance, type AdvanceOptions } from './advance-queue.js';
import { sendUnsent } from './reconciler.js';
import { sendBegun } from './send-released.js';

const engine = useEngine();
const query = <Row>(text: string, values: unknown[] = []) => engine.database.dataSource.query<Row[]>(text, values);

let flow: SeededFlow;
beforeEach(() => query('truncate run, step_run, held_run, flow_queue'));

const definition = (settings?: FlowSettings): FlowDraft => ({
  steps: [{ id: 'step_1', component: 'webhook', operation: 'receive', retry: { maxAttempts: 1 } }],
  edges: [],
  ...(settings && { settings }),
});

async function flowWith(settings?: FlowSettings, status = 'running'): Promise<void> {
  flow = await seedFlow(engine.database, definition(settings), { status });
}

async function publish(settings?: FlowSettings): Promise<void> {
  const versionId = newId<FlowVersionId>();
  await query(`insert into flow_version (id, workspace_id, flow_id, number, definition) values ($1, $2, $3, 2, $4)`, [
    versionId,
    flow.workspaceId,
    flow.flowId,
    JSON.stringify(definition(settings)),
  ]);
  await query(`update flow set published_version_id = $2 where id = $1`, [flow.flowId, versionId]);
}

async function setStatus(status: string, holds: boolean): Promise<void> {
  await query('update flow set status = $2, holds_runs = $3 where id = $1', [flow.flowId, status, holds]);
  engine.holding.forget({ flowIds: [flow.flowId], credentialIds: [] });
}

/** Takes in requests whose bodies name a shop. */
async function accept(...shops: (string | undefined)[]): Promise<RunId[]> {
  const runIds = shops.map(() => newId<RunId>());
  const batch = runIds.map((runId, at) => triggerOf(flow, runId, { body: JSON.stringify({ shop: shops[at] }) }));
  expect(await settleTriggers(engine.deps, batch)).toEqual(runIds.map(() => ({ outcome: 'done' })));
  return runIds;
}

async function advance(options: Partial<AdvanceOptions> = {}): Promise<Advance> {
  const advanced = await advanceQueue(engine.deps, flow.flowId, { limit: 10, whole: false, ...options });
  await sendBegun(engine.deps, advanced.begun);
  return advanced;
}

/** What begins in a turn. */
async function begun(options: Partial<AdvanceOptions> = {}): Promise<RunId[]> {
  return (await advance(options)).begun.map(({ runId }) => runId);
}

const stepOf = (runId: RunId): StepMessage => engine.sentSteps().findLast((step) => step.runId === runId)!;
const end = (runId: RunId, outcome = succeeded({})) => handleResults(engine.deps, [resultOf(stepOf(runId), outcome)]);

async function states(): Promise<string[]> {
  const rows = await query<{ state: string }>('select state from held_run where flow_id = $1 order by run_id', [
    flow.flowId,
  ]);
  return rows.map(({ state }) => state);
}

interface TriggerStep {
  status: string;
  unsent: boolean;
  inMs: number;
}

async function triggerStep(runId: RunId): Promise<TriggerStep | undefined> {
  const rows = await query<TriggerStep>(
    `select status, overdue_after_ms is not null as unsent, (extract(epoch from due_at - now()) * 1000)::float8 as "inMs"
     from step_run where run_id = $1`,
    [runId],
  );
  return rows[0];
}

describe('a paused flow', () => {
  beforeEach(async () => {
    await flowWith();
    await setStatus('paused', true);
  });

  it('queues the runs of its requests, each once however often it is delivered, and begins none', async () => {
    const [runId] = await accept('a');
    await settleTriggers(engine.deps, [triggerOf(flow, runId!)]);
    expect(await engine.runStatus(runId!)).toBe('queued');
    expect(await triggerStep(runId!)).toBeUndefined();
    expect(await findWaitingQueues(engine.database)).toEqual([]);
    expect(await begun()).toEqual([]);
    expect(engine.sent).toEqual([]);
  });

  it('begins them in their order when it is resumed, and then runs at once again', async () => {
    const runIds = await accept('a', 'b', 'c');
    await setStatus('running', false);
    expect(await findWaitingQueues(engine.database)).toEqual([flow.flowId]);
    expect(await begun({ limit: 2 })).toEqual(runIds.slice(0, 2));
    expect(await begun()).toEqual(runIds.slice(2));
    expect(engine.sentSteps().map(({ runId }) => runId)).toEqual(runIds);
    expect(await states()).toEqual([]);
    for (const runId of runIds) await end(runId);
    expect(await engine.runStatus(runIds[0]!)).toBe('succeeded');
    const [direct] = await accept('d');
    expect(await engine.runStatus(direct!)).toBe('running');
    expect(await states()).toEqual([]);
  });

  it('lets no copy of a request begin whose run is queued, or was cancelled while it was', async () => {
    const [queued, cancelled] = await accept('a', 'b');
    await query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [cancelled]);
    await query(`delete from held_run where run_id = $1`, [cancelled]);
    await setStatus('stopped', false);
    await settleTriggers(engine.deps, [triggerOf(flow, queued!), triggerOf(flow, cancelled!)]);
    expect(engine.sent).toEqual([]);
    expect([await triggerStep(queued!), await triggerStep(cancelled!)]).toEqual([undefined, undefined]);
    expect(await engine.runStatus(queued!)).toBe('queued');
  });

  it('leaves alone what had begun, also when its request is delivered again', async () => {
    await setStatus('running', false);
    const [runId] = await accept('a');
    await setStatus('paused', true);
    await settleTriggers(engine.deps, [triggerOf(flow, runId!)]);
    expect(await states()).toEqual([]);
    await end(runId!);
    expect(await engine.runStatus(runId!)).toBe('succeeded');
  });

  it('queues what comes after it was stopped, too, and releases nothing until it is started', async () => {
    const [before] = await accept('a');
    await setStatus('stopped', true);
    const [after] = await accept('b');
    expect(await begun()).toEqual([]);
    await setStatus('running', false);
    expect(await begun()).toEqual([before, after]);
  });

  it('that is deleted has its queued runs cancelled', async () => {
    const runIds = await accept('a', 'b');
    await query(`update flow set status = 'stopped', deleted_at = now() where id = $1`, [flow.flowId]);
    expect(await findWaitingQueues(engine.database)).toEqual([flow.flowId]);
    expect(await begun()).toEqual([]);
    expect(await Promise.all(runIds.map((runId) => engine.runStatus(runId)))).toEqual(['cancelled', 'cancelled']);
    expect(await states()).toEqual([]);
  });
});

describe('the rate at which a flow is resumed', () => {
  const resume = async (perSecond: number | null): Promise<void> => {
    await setStatus('running', false);
    await query(
      `insert into flow_queue (flow_id, drain_before, runs_per_second)
       values ($1, first_id_at(clock_timestamp() + interval '2 ms'), $2)`,
      [flow.flowId, perSecond],
    );
    // What comes from now on has a later id.
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const pass = (seconds: number) =>
    query(`update flow_queue set refilled_at = refilled_at - make_interval(secs => $1)`, [seconds]);

  it('holds for what had queued up, whoever looks, and not for what comes later', async () => {
    await flowWith({ concurrency: 100 });
    await setStatus('paused', true);
    const runIds = await accept(...Array.from({ length: 10 }, () => 'a'));
    // Slower than any machine on which this runs.
    await resume(0.1);
    await pass(10);
    expect(await advance()).toMatchObject({ waitsForRate: true, begun: [{ runId: runIds[0] }] });
    expect(await begun()).toEqual([]);
    const [late] = await accept('b');
    expect(await begun()).toEqual([late]);
    await pass(10);
    expect(await begun()).toEqual([runIds[1]]);
    // What could have begun meanwhile and did not does not begin all at once.
    await pass(600);
    expect(await begun()).toEqual([runIds[2]]);
  });

  it('is that of the published version when none is given', async () => {
    await flowWith({ resumePerSecond: 3 });
    await setStatus('paused', true);
    const runIds = await accept(...Array.from({ length: 10 }, () => 'a'));
    await resume(null);
    await pass(1);
    expect(await begun()).toEqual(runIds.slice(0, 3));
    await publish();
    expect(await begun({ limit: 50 })).toEqual(runIds.slice(3));
  });
});

describe('a flow with a limit', () => {
  it('begins so many runs, and the next one when one ends, whatever way it ends', async () => {
    await flowWith({ concurrency: 2 });
    const runIds = await accept('a', 'b', 'c', 'd', 'e');
    expect(engine.poked).toEqual([flow.flowId]);
    expect(engine.sent).toEqual([]);
    expect(await begun()).toEqual(runIds.slice(0, 2));
    expect(await begun()).toEqual([]);
    await end(runIds[1]!, failed);
    expect(engine.poked).toHaveLength(2);
    expect(await findEndedQueues(engine.database)).toEqual([flow.flowId]);
    expect(await begun()).toEqual([runIds[2]]);
    await query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [runIds[0]]);
    expect(await begun()).toEqual([runIds[3]]);
    expect(await states()).toEqual(['begun', 'begun', 'queued']);
  });

  it('is poked again by a result that was settled by one who was killed before it could', async () => {
    await flowWith({ concurrency: 1 });
    const [runId] = await accept('a');
    await begun();
    await end(runId!);
    engine.poked.length = 0;
    await end(runId!);
    expect(engine.poked).toEqual([flow.flowId]);
  });

  it('passes over runs that were cancelled while they waited', async () => {
    await flowWith({ concurrency: 1 });
    const [first, second] = await accept('a', 'b');
    await query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [first]);
    expect(await advance()).toMatchObject({ begun: [], more: true });
    expect(await begun()).toEqual([second]);
    expect(await engine.runStatus(first!)).toBe('cancelled');
    expect(await triggerStep(first!)).toBeUndefined();
  });

  it('lets go of all that waits when its next version has none', async () => {
    await flowWith({ concurrency: 1, order: { key: 'shop' } });
    const runIds = await accept('a', 'a', 'b', 'b', 'c');
    expect(await begun()).toEqual([runIds[0]]);
    await publish();
    expect(await begun({ limit: 50 })).toEqual(runIds.slice(1));
    await end(runIds[0]!);
    expect(await begun()).toEqual([]);
    expect(await states()).toEqual([]);
  });

  it('has its duplicates written at once, and not into the queue', async () => {
    const config = { deduplicate: { key: 'shop' } };
    const step = { id: 'step_1', component: 'webhook', operation: 'receive', config };
    flow = await seedFlow(engine.database, { steps: [step], edges: [], settings: { concurrency: 1 } });
    const [first, second] = await accept('a', 'a');
    expect([await engine.runStatus(first!), await engine.runStatus(second!)]).toEqual(['queued', 'duplicate']);
    expect(await states()).toEqual(['queued']);
  });
});

describe('a flow with an order', () => {
  it.each([
    ['a path', 'shop'],
    ['an expression for the sandbox', '$uppercase(shop)'],
  ])('runs those of one key, which is %s, one after another, and other keys beside them', async (_what, key) => {
    await flowWith({ order: { key } });
    const [a1, a2, b1, a3, none] = await accept('a', 'a', 'b', 'a', undefined);
    expect(await begun()).toEqual([a1, b1, none]);
    expect(await states()).toEqual(['begun', 'behind', 'begun', 'behind', 'begun']);
    await end(a1!);
    expect(await begun()).toEqual([a2]);
    await end(b1!);
    expect(await begun()).toEqual([]);
    await end(a2!);
    expect(await begun()).toEqual([a3]);
  });

  it('puts a run that arrives late before those that came after it and have not begun', async () => {
    await flowWith({ concurrency: 1, order: { key: 'shop' } });
    const late = newId<RunId>();
    const [other, a2, a3] = await accept('b', 'a', 'a');
    expect(await begun()).toEqual([other]);
    await settleTriggers(engine.deps, [triggerOf(flow, late, { body: '{"shop":"a"}' })]);
    for (const [ended, next] of [
      [other, late],
      [late, a2],
      [a2, a3],
    ] as const) {
      await end(ended!);
      expect(await begun()).toEqual([next]);
    }
  });

  it('lets the next run begin after one that failed, when it is set to continue', async () => {
    await flowWith({ order: { key: 'shop' } });
    const [a1, a2] = await accept('a', 'a');
    await begun();
    await end(a1!, failed);
    expect(await begun()).toEqual([a2]);
  });

  it('holds a key up after a failure until that run was retried with success, when it is set to block', async () => {
    await flowWith({ order: { key: 'shop', onFailure: 'block' } });
    const [a1, a2, b1] = await accept('a', 'a', 'b');
    await begun();
    await end(a1!, failed);
    expect(await begun({ whole: true })).toEqual([]);
    expect(await states()).toEqual(['failed', 'behind', 'begun']);
    const retried = (status: string, over: boolean) =>
      query(`update run set status = $2, finished_at = case when $3 then now() end where id = $1`, [a1, status, over]);
    await retried('running', false);
    expect(await begun({ whole: true })).toEqual([]);
    await retried('failed', true);
    expect(await findEndedQueues(engine.database)).toEqual([]);
    expect(await begun({ whole: true })).toEqual([]);
    await retried('succeeded', true);
    expect(await findEndedQueues(engine.database)).toEqual([flow.flowId]);
    expect(await begun({ whole: true })).toEqual([a2]);
    await end(a2!, failed);
    await end(b1!);
    await begun();
    const [a3] = await accept('a');
    expect(await begun()).toEqual([]);
    await query(`update run set status = 'cancelled' where id = $1`, [a2]);
    expect(await begun({ whole: true })).toEqual([a3]);
  });

  it('holds a key up after a failure until it is released by hand, or its next version does not, when it is set to park', async () => {
    await flowWith({ order: { key: 'shop', onFailure: 'park' } });
    const [a1, a2] = await accept('a', 'a');
    await begun();
    await end(a1!, failed);
    await begun();
    await query(`update run set status = 'succeeded' where id = $1`, [a1]);
    expect(await begun({ whole: true })).toEqual([]);
    expect(await findFailedQueues(engine.database)).toEqual([flow.flowId]);
    await publish({ order: { key: 'shop' } });
    expect(await begun({ whole: true })).toEqual([a2]);
  });

  it('lets a key take no place of the limit that it holds up', async () => {
    await flowWith({ concurrency: 1, order: { key: 'shop', onFailure: 'block' } });
    const [a1, , b1] = await accept('a', 'a', 'b');
    await begun();
    await end(a1!, failed);
    expect(await begun()).toEqual([b1]);
  });
});

describe('a kill', () => {
  const passTime = () => query(`update step_run set due_at = now() - interval '1 s' where status = 'running'`);

  it('between the beginning of runs and the publish has them sent by the reconciler within seconds', async () => {
    await flowWith({ concurrency: 5 });
    const runIds = await accept('a', 'b');
    await advanceQueue(engine.deps, flow.flowId, { limit: 10, whole: false });
    expect(engine.sent).toEqual([]);
    const step = (await triggerStep(runIds[0]!))!;
    expect(step).toMatchObject({ status: 'running', unsent: true });
    expect(step.inMs).toBeLessThanOrEqual(5_000);
    expect(await sendUnsent(engine.deps)).toBe(0);
    await passTime();
    expect(await sendUnsent(engine.deps)).toBe(2);
    expect(new Set(engine.sentSteps().map(({ runId }) => runId))).toEqual(new Set(runIds));
    expect(await triggerStep(runIds[0]!)).toMatchObject({ unsent: false });
    await passTime();
    expect(await sendUnsent(engine.deps)).toBe(0);
    for (const runId of runIds) await end(runId);
    expect(await engine.runStatus(runIds[0]!)).toBe('succeeded');
  });

  it('of one that was refused by the broker leaves it marked, and the time after which it is sent is the usual one once it was', async () => {
    await flowWith({ concurrency: 5 });
    const [runId] = await accept('a');
    engine.killedBeforePublish = true;
    await expect(advance()).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    expect(await triggerStep(runId!)).toMatchObject({ unsent: true });
    await passTime();
    await sendUnsent(engine.deps);
    expect((await triggerStep(runId!))!.inMs).toBeGreaterThan(100_000);
  });

  it('before the places are counted again leaves them to whoever looks next', async () => {
    await flowWith({ concurrency: 1 });
    const [first, second] = await accept('a', 'b');
    await begun();
    await query(`update run set status = 'succeeded', finished_at = now() where id = $1`, [first]);
    expect(await findEndedQueues(engine.database)).toEqual([flow.flowId]);
    expect(await begun()).toEqual([second]);
  });
});
