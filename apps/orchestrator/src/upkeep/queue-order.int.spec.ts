import type { Delivery } from '@millrace/amqp';
import { newId, type RunId } from '@millrace/contracts';
import type { FailurePolicy } from '@millrace/flow-model';
import { seedFlow } from '@millrace/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineDeps } from '../engine/deps.js';
import { failed, resultOf, settleTriggers, succeeded, triggerOf, useEngine } from '../engine/engine.fixture.js';
import { handleResults } from '../engine/results.js';
import { advanceQueue } from './advance-queue.js';
import { sendUnsent } from './reconciler.js';
import { sendBegun } from './send-released.js';

const engine = useEngine();

interface Scenario {
  concurrency: number | undefined;
  onFailure: FailurePolicy;
  /** Of each run in the order of their ids: its key, if any, and whether it fails. */
  runs: { key: string | undefined; fails: boolean }[];
  /** What happens in each turn follows from its number. */
  turns: number[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  concurrency: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  onFailure: fc.constantFrom<FailurePolicy[]>('continue', 'block', 'park'),
  runs: fc.array(
    fc.record({
      key: fc.constantFrom<(string | undefined)[]>('a', 'a', 'b', 'c', undefined),
      fails: fc.nat({ max: 4 }).map((number) => number === 0),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  turns: fc.array(fc.nat(), { minLength: 5, maxLength: 30 }),
});

interface HeldRow {
  runId: RunId;
  state: string | null;
  status: string;
}

/** Requests come in portions and are delivered again, runs end in any order, and two orchestrators look at the queue at once. */
async function play({ concurrency, onFailure, runs, turns }: Scenario): Promise<void> {
  const flow = await seedFlow(engine.database, {
    steps: [{ id: 'step_1', component: 'webhook', operation: 'receive', retry: { maxAttempts: 1 } }],
    edges: [],
    settings: { ...(concurrency !== undefined && { concurrency }), order: { key: 'key', onFailure } },
  });
  const { deps } = engine;
  const other: EngineDeps = { ...deps };
  engine.sent.length = 0;
  const runIds = runs.map(() => newId<RunId>());
  const givenOf = new Map(runIds.map((runId, at) => [runId, runs[at]!]));
  const triggers = runIds.map((runId, at) => triggerOf(flow, runId, { body: JSON.stringify({ key: runs[at]!.key }) }));
  const accepted: Delivery[] = [];
  const results: Delivery[] = [];
  const begunOrder: RunId[] = [];
  const readdressed = new Set<RunId>();

  async function rows(): Promise<HeldRow[]> {
    return engine.database.dataSource.query<HeldRow[]>(
      `select r.id as "runId", h.state, r.status from run r left join held_run h on h.run_id = r.id
       where r.flow_id = $1 order by r.id`,
      [flow.flowId],
    );
  }

  async function look(who: EngineDeps, number: number): Promise<void> {
    const { begun } = await advanceQueue(who, flow.flowId, { limit: 1 + (number % 3), whole: number % 2 === 0 });
    begunOrder.push(...begun.map(({ runId }) => runId));
    // Killed before the publish, now and then.
    if (number % 4 !== 0) await sendBegun(who, begun);
  }

  async function check(): Promise<void> {
    const now = await rows();
    const holders = now.filter(({ state }) => state === 'begun');
    const running = now.filter(({ status }) => status === 'running');
    if (concurrency !== undefined) expect(holders.length).toBeLessThanOrEqual(concurrency);
    for (const { runId } of running) expect(holders.map((row) => row.runId)).toContain(runId);
    const keys = now
      .filter(({ state }) => state === 'begun' || state === 'failed')
      .flatMap(({ runId }) => givenOf.get(runId)?.key ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  }

  /** The results of what was sent since the last time. */
  let read = 0;
  function takeSent(): void {
    const steps = engine.sentSteps();
    for (; read < steps.length; read += 1) {
      const step = steps[read]!;
      const given = givenOf.get(step.runId);
      // What an earlier, failed scenario has left is none of this one.
      if (given) results.push(resultOf(step, given.fails ? failed : succeeded({})));
    }
  }

  async function settle(at: number, count: number): Promise<void> {
    const batch = results.splice(at, count);
    if (batch.length > 0) await handleResults(deps, batch);
    const [again] = batch;
    // Delivered once more.
    if (again && at % 2 === 0) await handleResults(other, [again]);
  }

  async function turn(number: number): Promise<void> {
    const arriving = triggers.splice(0, number % 4);
    if (arriving.length > 0) await settleTriggers(deps, arriving);
    accepted.push(...arriving);
    const again = accepted[number % Math.max(1, accepted.length)];
    if (again && number % 3 === 0) await settleTriggers(other, [again]);
    await Promise.all([look(deps, number), look(other, number >> 2), settle(number % Math.max(1, results.length), 2)]);
    if (number % 5 === 0) {
      await engine.database.dataSource.query(
        `update step_run set due_at = now() - interval '1 s' where status = 'running' and overdue_after_ms is not null`,
      );
      await sendUnsent(deps);
    }
    takeSent();
    await check();
  }

  /** What a person does about keys that a failed run holds up. */
  async function mend(): Promise<void> {
    const stuck = (await rows()).filter(({ state }) => state === 'failed');
    if (stuck.length === 0) return;
    for (const { runId } of stuck) readdressed.add(runId);
    const ids = stuck.map(({ runId }) => runId);
    if (onFailure === 'block') {
      await engine.database.dataSource.query(`update run set status = 'cancelled' where id = any ($1)`, [ids]);
    } else {
      await engine.database.dataSource.query(`delete from held_run where run_id = any ($1)`, [ids]);
      await engine.database.dataSource.query(
        `update held_run set state = 'arrived' where flow_id = $1 and state = 'behind'`,
        [flow.flowId],
      );
    }
  }

  for (const number of turns) await turn(number);
  const over = async (): Promise<boolean> =>
    triggers.length === 0 &&
    (await rows()).every(({ status }) => ['succeeded', 'failed', 'cancelled'].includes(status));
  for (let at = 0; at < 200 && !(await over()); at += 1) {
    await turn([15, 7, 10, 3][at % 4]!);
    if (at % 3 === 0) await mend();
  }
  await look(deps, 6);

  const end = await rows();
  expect(end.map(({ runId }) => runId)).toEqual(runIds);
  for (const { runId, status } of end) {
    const { fails } = givenOf.get(runId)!;
    expect(status).toBe(
      !fails ? 'succeeded' : readdressed.has(runId) && onFailure === 'block' ? 'cancelled' : 'failed',
    );
  }
  expect(begunOrder.toSorted()).toEqual(runIds);
  for (const key of ['a', 'b', 'c']) {
    const ofKey = begunOrder.filter((runId) => givenOf.get(runId)!.key === key);
    expect(ofKey).toEqual(ofKey.toSorted());
  }
}

describe('the runs of a flow with an order and perhaps a limit', () => {
  it('begin one after another in each key, never more than the limit at a time, and all of them end', async () => {
    await fc.assert(fc.asyncProperty(scenario, play), { numRuns: 30, interruptAfterTimeLimit: 100_000 });
  }, 180_000);
});
