import { setTimeout as sleep } from 'node:timers/promises';
import { millisOf, stepMessageId } from '@millrace/contracts';
import type { SeededFlow } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { resultOf, succeeded, useEngine } from '../engine/engine.fixture.js';
import { found, usePolls } from '../engine/polls.fixture.js';
import { handleResults } from '../engine/results.js';
import { reconcile } from './reconciler.js';

const engine = useEngine();
const polls = usePolls(engine);
const { query, polledFlow, poll, lastSent, isDue, result, begin, scheduleOf, runCount, pollOnce } = polls;

describe('a flow that is due', () => {
  it('is polled by a run whose trigger step gets the planned time, and is due again after its interval', async () => {
    const { dueAt } = await scheduleOf();
    const step = await begin();
    expect(step).toMatchObject({
      ...polls.flow,
      stepId: 'step_1',
      path: '',
      attempt: 1,
      operation: 'getPets',
      input: { scheduledAt: dueAt.toISOString() },
      snapshot: null,
    });
    expect(millisOf(step.runId)).toBe(dueAt.getTime());
    expect(await scheduleOf()).toMatchObject({
      dueAt: new Date(dueAt.getTime() + 60_000),
      polling: step.runId,
      lastRunId: step.runId,
      lastStatus: 'running',
      unconfirmed: false,
    });
    expect(await engine.runStatus(step.runId)).toBe('running');
    expect(await poll()).toBe(0);
  });

  it('gives a run with a branch for each output, and the next poll the snapshot of this one', async () => {
    const step = await begin();
    await result(step, found({ lastId: 2 }, { name: 'Gromit' }, { name: 'Shaun' }));
    const branches = engine.sentSteps().filter(({ stepId }) => stepId === 'step_2');
    expect(branches.map(({ path, input }) => [path, input])).toEqual([
      ['0', { name: 'Gromit' }],
      ['1', { name: 'Shaun' }],
    ]);
    expect(await scheduleOf()).toMatchObject({
      snapshot: { lastId: 2 },
      polling: null,
      lastRunId: step.runId,
      lastStatus: 'succeeded',
      lastOutputs: 2,
    });
    for (const branch of branches) await result(branch, succeeded({}));
    expect(await engine.runStatus(step.runId)).toBe('succeeded');
    await isDue();
    expect((await begin()).snapshot).toEqual({ lastId: 2 });
  });

  it.each(['paused', 'stopped', 'draft'])('is not polled while it is %s', async (status) => {
    await query('update flow set status = $2 where id = $1', [polls.flow.flowId, status]);
    expect(await poll()).toBe(0);
    await query(`update flow set status = 'running' where id = $1`, [polls.flow.flowId]);
    expect(await poll()).toBe(1);
  });

  it('is polled once for all the times that were missed, and then as planned', async () => {
    await isDue(3 * 60_000 + 20_000);
    const { dueAt } = await scheduleOf();
    const step = await begin();
    expect(step.input).toEqual({ scheduledAt: dueAt.toISOString() });
    await result(step, succeeded());
    expect(await poll()).toBe(0);
    expect((await scheduleOf()).dueAt.getTime()).toBe(dueAt.getTime() + 4 * 60_000);
  });

  it('is polled by a cron expression in its time zone', async () => {
    const flow = await polledFlow({ cron: '30 9 * * *', timeZone: 'Asia/Kathmandu' });
    await poll();
    const { dueAt, inMs } = await scheduleOf(flow);
    expect(dueAt.toISOString()).toMatch(/T03:45:00.000Z$/);
    expect(inMs).toBeGreaterThan(0);
    expect(inMs).toBeLessThanOrEqual(24 * 3_600_000);
  });

  it('whose time came long ago is polled by a run of yesterday at the earliest, for its partition is there', async () => {
    await isDue(40 * 24 * 3_600_000);
    const step = await begin();
    expect(Date.now() - millisOf(step.runId)).toBeLessThan(24 * 3_600_000 + 60_000);
  });
});

describe('a flow that cannot be polled', () => {
  it('does not keep others back, and is tried again a minute later', async () => {
    await query(`update schedule set version_id = gen_random_uuid(), due_at = due_at - interval '1 h'`);
    await query(`insert into schedule (flow_id, workspace_id, version_id, trigger_operation, due_at)
                 select id, workspace_id, gen_random_uuid(), 'gone', now() - interval '1 h' from flow
                 where id not in (select flow_id from schedule) limit 150`);
    const whole = await polledFlow();
    await poll();
    expect(await poll()).toBe(0);
    expect(engine.sentSteps()).toMatchObject([{ flowId: whole.flowId }]);
    const { inMs } = await scheduleOf();
    expect(inMs).toBeGreaterThan(30_000);
    expect(inMs).toBeLessThanOrEqual(60_000);
  });
});

describe('a poll that takes longer than its interval', () => {
  it('is not begun twice: the time that was missed comes once after it', async () => {
    const first = await begin();
    await isDue(130_000);
    expect(await Promise.all([poll(), poll()])).toEqual([0, 0]);
    await result(first, found({ at: 1 }, { name: 'Gromit' }));
    const second = await begin();
    expect(second.snapshot).toEqual({ at: 1 });
    await result(second, succeeded());
    expect(await poll()).toBe(0);
  });

  it('frees the schedule when its run is cancelled, or gone', async () => {
    const first = await begin();
    await isDue();
    await query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [first.runId]);
    const second = await begin();
    await isDue();
    await query('delete from run where id = $1', [second.runId]);
    expect(await poll()).toBe(1);
    // What the cancelled ones still say is too late.
    await query(`update step_run set status = 'cancelled' where run_id = $1`, [first.runId]);
    await result(first, found({ at: 9 }, { name: 'Gromit' }));
    expect(await scheduleOf()).toMatchObject({ snapshot: null, polling: lastSent().runId });
  });
});

describe('two orchestrators', () => {
  it('begin each poll once, every time that many are due', async () => {
    await query('truncate schedule');
    const flows: SeededFlow[] = [];
    for (let at = 0; at < 150; at += 1) flows.push(await polledFlow());
    for (const round of [1, 2]) {
      const before = engine.sent.length;
      await isDue();
      const counts = await Promise.all([poll(), poll({ ...engine.deps }), poll({ ...engine.deps })]);
      expect(counts.reduce((sum, count) => sum + count)).toBe(150);
      expect(await query('select distinct flow_id from run')).toHaveLength(150);
      expect(await runCount()).toBe(150);
      // A publish that the broker refuses is repeated, with the same id.
      const steps = new Map(
        engine
          .sentSteps()
          .slice(before)
          .map((step) => [stepMessageId(step), step]),
      );
      expect(steps.size).toBe(150);
      await handleResults(
        engine.deps,
        Array.from(steps.values(), (step) => resultOf(step, found(round))),
      );
      expect(await runCount()).toBe(0);
    }
    expect((await scheduleOf(flows[7])).snapshot).toBe(2);
  });
});

describe('a kill', () => {
  it('before anything is written leaves the poll due', async () => {
    const hot: typeof engine.database.hot = (statement) =>
      statement.name === 'begin-polls' ? Promise.reject(new Error('killed')) : engine.database.hot(statement);
    await expect(poll({ ...engine.deps, database: { ...engine.database, hot } })).rejects.toThrow('killed');
    expect(await runCount()).toBe(0);
    expect(await poll()).toBe(1);
  });

  it('between the writing and the publish: whoever looks next sends it, within 10 s and with the same run id', async () => {
    engine.killedBeforePublish = true;
    const writtenAt = Date.now();
    await expect(poll()).rejects.toThrow('killed before the publish');
    engine.killedBeforePublish = false;
    const { polling } = await scheduleOf();
    expect(await runCount()).toBe(1);
    while (engine.sent.length === 0 && Date.now() - writtenAt < 10_000) {
      expect(await poll({ ...engine.deps })).toBe(0);
      await sleep(250);
    }
    expect(engine.sentSteps()).toMatchObject(
      [{ runId: polling, attempt: 1, input: { scheduledAt: /Z$/ } }].map(stringly),
    );
    await result(lastSent(), found({ at: 1 }, { name: 'Gromit' }));
    expect((await scheduleOf()).snapshot).toEqual({ at: 1 });
    expect(await runCount()).toBe(1);
  });

  it('between the publish and its confirmation: it is sent once more with the same id, and counts once', async () => {
    const step = await begin();
    await query('update schedule set resend_at = now()');
    await poll();
    expect(engine.sentSteps()).toEqual([step, step]);
    expect(engine.sent[1]?.messageId).toBe(engine.sent[0]?.messageId);
    expect((await scheduleOf()).unconfirmed).toBe(false);
    await result(step, found({ at: 1 }, { name: 'Gromit' }));
    await result(step, found({ at: 1 }, { name: 'Gromit' }));
    expect(await runCount()).toBe(1);
  });

  it('of all of them while the component has it: a message that was lost is sent again by the reconciler', async () => {
    await pollOnce({ at: 1 }, { name: 'Gromit' });
    await isDue();
    const step = await begin();
    await engine.vhost.management.deleteQueue(engine.vhost.name, 'steps.petstore');
    await query(`update step_run set due_at = now() - interval '1 s' where run_id = $1`, [step.runId]);
    expect(await reconcile(engine.deps)).toBe(1);
    expect(lastSent()).toEqual(step);
  });
});

/** The expectation of a message whose planned time is some time. */
function stringly(step: object): object {
  return { ...step, input: { scheduledAt: expect.stringMatching(/Z$/) as string } };
}
