import type { ResumeWait, StepPath } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { resumeDue } from '../upkeep/resumer.js';
import { failed, succeeded } from './engine.fixture.js';
import { handleResults } from './results.js';
import { waits, repeatedly, output, useWaits } from './waits.fixture.js';

const {
  engine,
  runs,
  result,
  lastSent,
  atWait,
  waiting,
  call,
  rowOf,
  runRow,
  passDeadlines,
  passTime,
  reconciled,
  ownResults,
  resume,
} = useWaits();

describe('a step that waits for several calls', () => {
  const several = { once: false };

  it('has the steps below run for each at once, and ends with the last one that it takes', async () => {
    const step = await waiting(repeatedly(3));
    for (const [at, said] of ['a', 'b', 'c'].entries()) {
      expect(await call(step, { ...several, body: said })).toBe('kept');
      await resume();
      expect(lastSent()).toMatchObject({ stepId: 'step_4', path: `0.0.${at}`, input: { said, name: 'Gromit' } });
      const last = at === 2;
      expect(await runRow(step.runId)).toMatchObject({ status: last ? 'running' : 'waiting', open: last ? 3 : at + 2 });
    }
    expect(await rowOf(step)).toMatchObject({ status: 'succeeded', output_count: 3, inMs: null });
    expect((await rowOf(step)).output).toEqual([output('a'), output('b'), output('c')]);
    expect(await call(step, several)).toBe('alreadyResumed');
    for (const below of ['0.0.0', '0.0.1', '0.0.2'])
      await result({ ...lastSent(), path: below as StepPath }, succeeded({}));
    expect(await runRow(step.runId)).toEqual({ status: 'succeeded', open: 0, failed: 0, over: true });
  });

  it('takes what came before and what comes at once, each call once and in order', async () => {
    const step = await atWait();
    for (const body of [0, 1]) expect(await call(step, { ...several, maxCalls: 5, body })).toBe('kept');
    await result(step, waits(repeatedly(5)));
    const outcomes = await Promise.all([2, 3, 4, 5].map((body) => call(step, { ...several, maxCalls: 5, body })));
    expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength(3);
    for (let at = 0; at < 6; at += 1) await resume();
    const { output: outputs, status } = await rowOf(step);
    expect(status).toBe('succeeded');
    const bodies = (outputs as { body: number }[]).map(({ body }) => body);
    expect(bodies.slice(0, 2)).toEqual([0, 1]);
    expect(new Set(bodies).size).toBe(5);
  });

  it.each<[string, number, ResumeWait['onTimeout'], object, number]>([
    ['no call fails', 0, 'fail', { status: 'failed', error: { code: 'wait_timed_out' } }, 0],
    ['no call goes on with nothing', 0, 'continue', { status: 'succeeded', output: [], output_count: 0 }, 0],
    ['one call', 1, 'fail', { status: 'succeeded', output: { body: 0 }, output_count: 1 }, 1],
    ['two calls', 2, 'fail', { status: 'succeeded', output: [{ body: 0 }, { body: 1 }], output_count: 2 }, 2],
  ])('when its time is over with %s', async (_, ...[calls, onTimeout, row, open]) => {
    const step = await waiting({ ...repeatedly(5), onTimeout });
    for (let body = 0; body < calls; body += 1) {
      await call(step, { ...several, maxCalls: 5, body });
      await resume();
    }
    await passDeadlines();
    await resume();
    expect(await rowOf(step)).toMatchObject(row);
    expect(await runRow(step.runId)).toMatchObject({ open, over: open === 0 });
    expect(await call(step, { ...several, maxCalls: 5 })).toMatch(/gone|alreadyResumed/);
  });

  it('counts each output once, whatever is delivered again or lost', async () => {
    const step = await waiting(repeatedly(2));
    await call(step, { ...several, maxCalls: 2, body: 'a' });
    engine.sent.length = 0;
    await resumeDue(engine.deps, runs);
    const first = ownResults();
    await handleResults(engine.deps, [...first, ...first]);
    await handleResults(engine.deps, first);
    expect(await runRow(step.runId)).toMatchObject({ status: 'waiting', open: 2 });
    await call(step, { ...several, maxCalls: 2, body: 'b' });
    engine.killedBeforePublish = true;
    await resumeDue(engine.deps, runs);
    engine.killedBeforePublish = false;
    await passTime();
    await reconciled();
    await result(step, waits(repeatedly(2)));
    engine.sent.length = 0;
    await resumeDue(engine.deps, runs);
    const second = ownResults();
    await handleResults(engine.deps, [...first, ...second, ...first]);
    expect(await rowOf(step)).toMatchObject({ status: 'succeeded', output_count: 2 });
    expect(await runRow(step.runId)).toMatchObject({ status: 'running', open: 2 });
    const below = engine.sentSteps().filter(({ stepId }) => stepId === 'step_4');
    expect(new Set(below.map(({ path }) => path))).toEqual(new Set(['0.0.0', '0.0.1']));
    for (const path of ['0.0.0', '0.0.1']) await result({ ...below[0]!, path: path as StepPath }, failed);
    expect(await runRow(step.runId)).toEqual({ status: 'failed', open: 0, failed: 2, over: true });
  });

  it('gives a step below what it needs also when that is sent again from its rows', async () => {
    const step = await waiting(repeatedly(3));
    for (const body of ['a', 'b']) {
      await call(step, { ...several, body });
      await resume();
    }
    const second = lastSent();
    await passTime();
    engine.sent.length = 0;
    await reconciled();
    expect(engine.sentSteps()).toContainEqual(second);
  });

  it('fails, and keeps what it had, when all its calls are too large together', async () => {
    const step = await waiting(repeatedly(3));
    for (const body of ['x'.repeat(7_000_000), 'y'.repeat(7_000_000)]) {
      await call(step, { ...several, body });
      await resume();
    }
    expect(await rowOf(step)).toMatchObject({ status: 'failed', error: { code: 'output_too_large' } });
    expect(await rowOf(step)).toMatchObject({ output: { timedOut: false }, output_count: 1 });
    expect(await runRow(step.runId)).toMatchObject({ open: 1, failed: 1 });
  });

  it.each([
    [1, { body: 0 }],
    [2, [{ body: 0 }, { body: 1 }]],
  ])('fails, and keeps what it had, when its component fails after %i outputs', async (calls, kept) => {
    const step = await waiting(repeatedly(5));
    for (let body = 0; body < calls; body += 1) {
      await call(step, { ...several, maxCalls: 5, body });
      await resume();
    }
    await call(step, { ...several, maxCalls: 5 });
    engine.killedBeforePublish = true;
    await resumeDue(engine.deps, runs);
    engine.killedBeforePublish = false;
    await passTime();
    await reconciled();
    // Asked once more, it answers that it cannot go on.
    await result(step, failed);
    expect(await rowOf(step)).toMatchObject({ status: 'failed', output: kept, output_count: calls });
    expect(await runRow(step.runId)).toMatchObject({ open: calls, failed: 1 });
  });
});
