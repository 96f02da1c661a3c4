import {
  decodeResultMessage,
  newId,
  stepMessageId,
  type ResultMessage,
  type RunId,
  type StepMessage,
  type StepPath,
} from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { releaseDue } from '../upkeep/releaser.js';
import { resumeDue } from '../upkeep/resumer.js';
import { failed, succeeded } from './engine.fixture.js';
import { handleResults } from './results.js';
import { minuteMs, waits, output, useWaits } from './waits.fixture.js';

const test = useWaits();
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
} = test;

describe('a step that waits', () => {
  it('gives its URL to steps above, stops its run, and goes on with the call as its output', async () => {
    const step = await waiting();
    const link = engine.sentSteps().find(({ stepId }) => stepId === 'step_2')!.input as { link: string };
    const url = { runId: step.runId, versionId: test.flow.versionId, stepId: 'step_3', path: '0' };
    expect(link.link).toBe(engine.deps.resumeUrls.sign(url as never));
    expect(await runRow(step.runId)).toEqual({ status: 'waiting', open: 1, failed: 0, over: false });
    const { inMs, ...row } = await rowOf(step);
    expect(row).toMatchObject({ status: 'waiting', waiting_for: 'resume', attempt: 1 });
    expect(inMs).toBeGreaterThan(minuteMs - 5_000);
    await resume();
    expect(engine.sent).toEqual([]);

    expect(await call(step)).toBe('kept');
    await resume();
    expect(lastSent()).toMatchObject({ stepId: 'step_4', input: { said: { ok: true }, late: false, name: 'Gromit' } });
    expect(await rowOf(step)).toMatchObject({ status: 'succeeded', output: output({ ok: true }), output_count: 1 });
    expect(await runRow(step.runId)).toEqual({ status: 'running', open: 1, failed: 0, over: false });
    await result(lastSent(), succeeded({}));
    expect(await runRow(step.runId)).toEqual({ status: 'succeeded', open: 0, failed: 0, over: true });
  });

  it('goes on with a call that came before the run got there', async () => {
    const step = await atWait();
    expect(await call(step)).toBe('kept');
    await result(step, waits());
    await resume();
    expect(lastSent()).toMatchObject({ stepId: 'step_4', input: { said: { ok: true } } });
  });

  it('goes on with a call that came while a step above it ran', async () => {
    const trigger = await engine.begin(test.flow, newId<RunId>());
    await result(trigger, succeeded({ petname: 'Gromit' }));
    const second = lastSent();
    expect(second).toMatchObject({ stepId: 'step_2', path: '0' });
    expect(await call({ runId: trigger.runId, path: '0' as StepPath })).toBe('kept');
    expect(await call({ runId: trigger.runId, path: '0' as StepPath })).toBe('alreadyResumed');
    await result(second, succeeded({ id: 1 }));
    await result(lastSent(), waits());
    await resume();
    expect(lastSent()).toMatchObject({ stepId: 'step_4', input: { said: { ok: true } } });
  });

  it('fails for good when its time is over, or goes on and says so, as it is set', async () => {
    const failing = await waiting();
    const going = await waiting({ onTimeout: 'continue' });
    await passDeadlines();
    await resume();
    expect(await rowOf(failing)).toMatchObject({ status: 'failed', error: { code: 'wait_timed_out' } });
    expect(await runRow(failing.runId)).toEqual({ status: 'failed', open: 0, failed: 1, over: true });
    expect(await rowOf(going)).toMatchObject({
      status: 'succeeded',
      output: { method: null, body: null, timedOut: true, requestId: null },
    });
    expect(lastSent()).toMatchObject({ stepId: 'step_4', runId: going.runId, input: { late: true, said: null } });
    for (const step of [failing, going]) expect(await call(step)).toBe('gone');
  });

  it('takes no call after its time, and the one that came within it also when it is looked at later', async () => {
    const late = await waiting();
    const called = await waiting();
    expect(await call(called)).toBe('kept');
    await passDeadlines();
    expect(await call(late)).toBe('gone');
    await resume();
    expect(await rowOf(late)).toMatchObject({ status: 'failed' });
    expect(await rowOf(called)).toMatchObject({ status: 'succeeded' });
  });

  it('is left alone by the release of attempts, and is tried again as usual when its component fails', async () => {
    const step = await waiting();
    await engine.database.dataSource.query(`update step_run set due_at = now() - interval '1 s'`);
    expect(await releaseDue(engine.deps, runs)).toBe(0);
    const other = await atWait();
    await result(other, { ...failed, retry: { kind: 'policy' } } as ResultMessage['outcome']);
    await engine.database.dataSource.query(`update step_run set due_at = now() - interval '1 s' where run_id = $1`, [
      other.runId,
    ]);
    expect(await releaseDue(engine.deps, runs)).toBe(1);
    await result(lastSent(), waits());
    expect(await rowOf(other)).toMatchObject({ status: 'waiting', waiting_for: 'resume', attempt: 2 });
    expect(await call(other)).toBe('kept');
    await resume();
    expect(await rowOf(other)).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(await rowOf(step)).toMatchObject({ status: 'waiting' });
  });

  it('keeps its run waiting as long as another step of it waits', async () => {
    const step = await atWait();
    await engine.database.dataSource.query(
      `insert into step_run (run_id, step_id, path, workspace_id, flow_id, version_id, status, waiting_for, wait, wait_emitted, due_at, wait_deadline)
       select run_id, 'step_9', '0.7', workspace_id, flow_id, version_id, 'waiting', 'resume', '{}', 0, now() + interval '1 h', now() + interval '1 h'
       from step_run where run_id = $1 and step_id = 'step_3'`,
      [step.runId],
    );
    await result(step, waits());
    await call(step);
    engine.sent.length = 0;
    await resumeDue(engine.deps, runs);
    expect(ownResults()).toHaveLength(1);
    expect(await runRow(step.runId)).toMatchObject({ status: 'waiting' });
  });

  it('cannot wait for a run that is over or belongs to another workspace', async () => {
    const step = await waiting();
    expect(await call(step, { workspaceId: newId() })).toBe('gone');
    await engine.database.dataSource.query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [
      step.runId,
    ]);
    expect(await call(step)).toBe('gone');
    await engine.database.dataSource.query(`update step_run set status = 'cancelled' where run_id = $1`, [step.runId]);
    await resume();
    expect(engine.sent).toEqual([]);
  });

  it('is gone when its branch ended before it', async () => {
    const trigger = await engine.begin(test.flow, newId<RunId>());
    await result(trigger, succeeded({ petname: 'a' }, { petname: 'b' }));
    const [first, second] = engine.sentSteps().slice(-2);
    await result(first!, failed);
    expect(await call({ runId: trigger.runId, path: first!.path })).toBe('gone');
    expect(await call({ runId: trigger.runId, path: second!.path })).toBe('kept');
  });
});

describe('a URL', () => {
  it('that is good once is used up by the first of many calls at a time', async () => {
    const step = await waiting();
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, at) => call(step, { body: at })));
    expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'alreadyResumed')).toHaveLength(7);
    await resume();
    expect((await rowOf(step)).output).toMatchObject({ body: outcomes.indexOf('kept') });
    expect(await call(step)).toBe('alreadyResumed');
    await result(lastSent(), succeeded({}));
    expect(await call(step)).toBe('alreadyResumed');
  });

  it('of a step before the branches resumes all that wait below it, and those that come to it later', async () => {
    const trigger = await engine.begin(test.flow, newId<RunId>());
    await result(trigger, succeeded({ petname: 'a' }, { petname: 'b' }));
    const [first, second] = engine.sentSteps().slice(-2);
    await result(first!, succeeded({}));
    await result(lastSent(), waits());
    expect(await call(trigger, { path: '' })).toBe('kept');
    expect(await call(trigger, { path: '0' })).toBe('alreadyResumed');
    await resume();
    await result(second!, succeeded({}));
    const late = lastSent();
    expect(late).toMatchObject({ stepId: 'step_3', path: '1.0' });
    await result(late, waits());
    await resume();
    expect(await rowOf(late)).toMatchObject({ status: 'succeeded', output: output({ ok: true }) });
    expect(await call(trigger, { path: '0' })).toBe('alreadyResumed');
  });
});

describe('under faults and copies', () => {
  it('a wait that is said twice changes nothing and does not wait anew', async () => {
    const step = await waiting();
    await engine.database.dataSource.query(
      `update step_run set wait_deadline = now() + interval '10 s' where run_id = $1`,
      [step.runId],
    );
    const before = await rowOf(step);
    expect(await result(step, waits())).toEqual([{ outcome: 'done' }]);
    expect((await rowOf(step)).inMs).toBeGreaterThan(before.inMs! - 5_000);
    await engine.database.dataSource.query(
      `update step_run set status = 'running', waiting_for = null where run_id = $1`,
      [step.runId],
    );
    await result(step, waits({ timeoutMs: 10 * minuteMs }));
    expect((await rowOf(step)).inMs).toBeLessThan(10_000);
  });

  it('a wait of a step run that does not exist is parked', async () => {
    const step = await atWait();
    const [outcome] = await result({ ...step, path: '7.7' as StepPath }, waits());
    expect(outcome).toMatchObject({ outcome: 'park', reason: expect.stringContaining('no step run') as string });
  });

  it('several orchestrators at once give one result', async () => {
    const steps: StepMessage[] = [];
    for (let at = 0; at < 10; at += 1) steps.push(await waiting());
    for (const step of steps) await call(step);
    engine.sent.length = 0;
    await Promise.all(Array.from({ length: 4 }, () => resumeDue(engine.deps, runs)));
    await resumeDue(engine.deps, runs);
    const ids = engine.sent.map(({ messageId }) => messageId);
    expect(ids.toSorted()).toEqual(steps.map((step) => stepMessageId(step)).toSorted());
  });

  it('a kill between the commit and the publish is mended, with the same call', async () => {
    const step = await waiting();
    await call(step);
    engine.killedBeforePublish = true;
    await resumeDue(engine.deps, runs);
    expect(await rowOf(step)).toMatchObject({ status: 'running', waiting_for: null });
    engine.killedBeforePublish = false;
    await passTime();
    engine.sent.length = 0;
    expect(await reconciled()).toBe(1);
    expect(lastSent()).toEqual(step);
    await result(step, waits());
    await resume();
    expect(await rowOf(step)).toMatchObject({ status: 'succeeded', output: output({ ok: true }) });
    expect(await runRow(step.runId)).toMatchObject({ open: 1 });
  });

  it('a late copy of the wait delays the result and does not change it', async () => {
    const step = await waiting();
    await call(step);
    engine.sent.length = 0;
    await resumeDue(engine.deps, runs);
    const first = ownResults();
    await result(step, waits());
    expect(await handleResults(engine.deps, first)).toEqual([{ outcome: 'done' }]);
    await resume();
    await handleResults(engine.deps, first);
    expect(await rowOf(step)).toMatchObject({ status: 'succeeded', output: output({ ok: true }) });
    expect(await runRow(step.runId)).toMatchObject({ open: 1, failed: 0 });
    expect(engine.sentSteps().filter(({ stepId }) => stepId === 'step_4').length).toBeGreaterThanOrEqual(1);
  });

  it('a call that is kept while the step begins to wait is never missed', async () => {
    for (let at = 0; at < 20; at += 1) {
      const step = await atWait();
      const [kept] = await Promise.all([call(step), result(step, waits())]);
      expect(kept).toBe('kept');
      await resume();
      expect(await rowOf(step)).toMatchObject({ status: 'succeeded' });
    }
  });

  it('a body too large for a message fails the step with its size', async () => {
    const step = await waiting();
    await call(step, { body: 'x'.repeat(13 * 1024 * 1024) });
    await resume();
    expect(await rowOf(step)).toMatchObject({ status: 'failed', error: { code: 'output_too_large' } });
  });
});

it('the results of steps that waited can be read', async () => {
  const step = await waiting();
  await call(step);
  engine.sent.length = 0;
  await resumeDue(engine.deps, runs);
  const decoded = decodeResultMessage(engine.sent[0]!.body);
  expect(decoded).toMatchObject({
    ok: true,
    value: { stepId: 'step_3', component: { name: 'webhook', version: '1.0.0' } },
  });
});
