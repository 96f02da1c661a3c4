import { stepMessageId, type ResultMessage } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { handleParked } from '../upkeep/parked.js';
import { releaseDue } from '../upkeep/releaser.js';
import { delivery, failed, resultOf, succeeded, useEngine } from './engine.fixture.js';
import { away, found, usePolls } from './polls.fixture.js';
import { handleResults } from './results.js';

const engine = useEngine();
const runs = new AbortController().signal;
const { query, poll, lastSent, isDue, result, begin, scheduleOf, runCount, pollOnce } = usePolls(engine);

describe('a poll that finds nothing', () => {
  it('leaves no run, but its snapshot and when it was', async () => {
    const step = await begin();
    expect(await result(step, found({ at: 1 }))).toEqual([{ outcome: 'done' }]);
    expect(await runCount()).toBe(0);
    expect(await scheduleOf()).toMatchObject({
      snapshot: { at: 1 },
      polling: null,
      lastRunId: null,
      lastStatus: 'succeeded',
      lastOutputs: 0,
    });
  });

  it('keeps the snapshot before when it saves none', async () => {
    await pollOnce({ at: 1 });
    await isDue();
    await result(await begin(), succeeded());
    expect((await scheduleOf()).snapshot).toEqual({ at: 1 });
  });

  it('leaves its run when it has a warning to tell, or an attempt had failed', async () => {
    const step = await begin();
    const message = JSON.parse(resultOf(step, succeeded()).body.toString()) as ResultMessage;
    message.logs = [{ time: 1, level: 'warn', message: 'the page was cut' }];
    await handleResults(engine.deps, [delivery({ body: Buffer.from(JSON.stringify(message)) })]);
    expect(await engine.runStatus(step.runId)).toBe('succeeded');
    expect(await scheduleOf()).toMatchObject({ polling: null, lastRunId: step.runId, lastOutputs: 0 });
    await isDue();
    const second = await begin();
    await result(second, away);
    await query(`update step_run set due_at = now() where status = 'waiting'`);
    await releaseDue(engine.deps, runs);
    await result(lastSent(), succeeded());
    expect(await engine.runStatus(second.runId)).toBe('succeeded');
  });

  it('is not brought back, nor parked, by late copies of its result, whatever they say', async () => {
    const step = await begin();
    await result(step, found({ at: 1 }));
    engine.sent.length = 0;
    for (const copy of [found({ at: 1 }), found({ at: 9 }, { name: 'Gromit' }), failed, away]) {
      expect(await result(step, copy)).toEqual([{ outcome: 'done' }]);
    }
    expect(engine.sent).toEqual([]);
    expect(await runCount()).toBe(0);
    expect((await scheduleOf()).snapshot).toEqual({ at: 1 });
  });

  it('stays when nobody but a person asked for it', async () => {
    const step = await begin();
    await query('update schedule set polling_run_id = null');
    await result(step, found({ at: 1 }));
    expect(await engine.runStatus(step.runId)).toBe('succeeded');
    expect((await scheduleOf()).snapshot).toBeNull();
  });
});

describe('a poll that fails', () => {
  it('leaves a failed run and the snapshot as it was, and the next one comes as planned', async () => {
    await pollOnce({ at: 1 }, { name: 'Gromit' });
    await isDue();
    const { dueAt } = await scheduleOf();
    const step = await begin();
    await result(step, failed);
    expect(await engine.runStatus(step.runId)).toBe('failed');
    expect(await scheduleOf()).toMatchObject({
      snapshot: { at: 1 },
      polling: null,
      lastStatus: 'failed',
      lastRunId: step.runId,
      dueAt: new Date(dueAt.getTime() + 60_000),
    });
  });

  it('is tried again with the same time and snapshot, and no other poll begins meanwhile', async () => {
    await pollOnce({ at: 1 }, { name: 'Gromit' });
    await isDue();
    const first = await begin();
    await result(first, away);
    await isDue();
    expect(await poll()).toBe(0);
    await query(`update step_run set due_at = now() where status = 'waiting'`);
    expect(await releaseDue(engine.deps, runs)).toBe(1);
    expect(lastSent()).toEqual({ ...first, attempt: 2 });
    expect(first.snapshot).toEqual({ at: 1 });
    expect(await poll()).toBe(0);
    await result(lastSent(), found({ at: 2 }, { name: 'Shaun' }));
    expect((await scheduleOf()).snapshot).toEqual({ at: 2 });
    expect((await begin()).runId).not.toBe(first.runId);
  });

  it('frees the schedule when its message was parked', async () => {
    const step = await begin();
    const headers = { 'x-millrace-park-queue': 'steps.petstore', 'x-millrace-park-reason': 'it cannot be read' };
    await handleParked(engine.deps, [delivery({ messageId: stepMessageId(step), headers, body: Buffer.from('?') })]);
    await handleResults(engine.deps, [delivery({ body: engine.sent.at(-1)!.body })]);
    expect(await scheduleOf()).toMatchObject({ polling: null, lastStatus: 'failed' });
  });

  it('because its snapshot is too large says so, whatever the component allowed', async () => {
    const step = await begin();
    await result(step, found('x'.repeat(300 * 1024), { name: 'Gromit' }));
    const [row] = await query<{ error: { code: string } }>('select error from step_run where run_id = $1', [
      step.runId,
    ]);
    expect(row?.error.code).toBe('snapshot_too_large');
    expect(await scheduleOf()).toMatchObject({ snapshot: null, polling: null, lastStatus: 'failed' });
  });
});

describe('the snapshot', () => {
  it('is kept by the result that gave the outputs, and by no other copy', async () => {
    const step = await begin();
    await result(step, found({ at: 1 }, { name: 'Gromit' }));
    await result(step, found({ at: 2 }, { name: 'Shaun' }));
    expect((await scheduleOf()).snapshot).toEqual({ at: 1 });
    await isDue();
    const second = await begin();
    await result(step, found({ at: 3 }, { name: 'Shaun' }));
    expect(await scheduleOf()).toMatchObject({ snapshot: { at: 1 }, polling: second.runId });
  });

  it('that was reset while a poll was under way stays so, and is kept again from the next one on', async () => {
    await pollOnce({ at: 1 }, { name: 'Gromit' });
    await isDue();
    const step = await begin();
    await query('update schedule set snapshot = null, saves_snapshot = false');
    await result(step, found({ at: 2 }, { name: 'Shaun' }));
    expect((await scheduleOf()).snapshot).toBeNull();
    await pollOnce({ at: 3 }, { name: 'Shaun' });
    expect((await scheduleOf()).snapshot).toEqual({ at: 3 });
  });

  it('may hold whatever JSON holds', async () => {
    const odd = { text: '\u0000 \ud800 ü', long: 1e300, deep: [[[null]]], nothing: null };
    await pollOnce(odd, { name: 'Gromit' });
    await isDue();
    expect((await begin()).snapshot).toEqual(odd);
  });
});

describe('a kill', () => {
  it('before the outputs are written loses neither them nor the snapshot: the result comes again', async () => {
    const step = await begin();
    const broken = {
      ...engine.deps,
      plans: { peek: () => undefined, find: () => Promise.reject(new Error('killed')) },
    };
    await expect(handleResults(broken, [resultOf(step, found({ at: 1 }, { name: 'Gromit' }))])).rejects.toThrow(
      'killed',
    );
    expect(await scheduleOf()).toMatchObject({ snapshot: null, polling: step.runId });
    await result(step, found({ at: 1 }, { name: 'Gromit' }));
    expect(await scheduleOf()).toMatchObject({ snapshot: { at: 1 }, polling: null });
    expect(lastSent()).toMatchObject({ stepId: 'step_2', input: { name: 'Gromit' } });
  });

  it('between the writing of outputs with their snapshot and what follows: the branches are sent when the result comes again', async () => {
    const step = await begin();
    engine.killedBeforePublish = true;
    await expect(result(step, found({ at: 1 }, { name: 'Gromit' }))).rejects.toThrow('killed before the publish');
    engine.killedBeforePublish = false;
    expect(await scheduleOf()).toMatchObject({ snapshot: { at: 1 }, polling: null });
    // Another copy, of a second execution, comes first: neither its outputs nor its snapshot count.
    await result(step, found({ at: 2 }, { name: 'Shaun' }));
    expect(lastSent()).toMatchObject({ stepId: 'step_2', path: '0', input: { name: 'Gromit' } });
    await result(step, found({ at: 1 }, { name: 'Gromit' }));
    expect((await scheduleOf()).snapshot).toEqual({ at: 1 });
    const rows = await query(`select 1 from step_run where step_id = 'step_2'`);
    expect(rows).toHaveLength(1);
  });

  it('when Postgres refuses the outputs leaves the snapshot before, too', async () => {
    await pollOnce({ at: 1 }, { name: 'Gromit' });
    await isDue();
    const step = await begin();
    await query(`alter table schedule add constraint refused check (snapshot::text <> '{"at":2}')`);
    await expect(result(step, found({ at: 2 }, { name: 'Shaun' }))).rejects.toThrow('refused');
    await query('alter table schedule drop constraint refused');
    expect(await engine.runStatus(step.runId)).toBe('running');
    expect(await query(`select 1 from step_run where run_id = $1`, [step.runId])).toHaveLength(1);
    await result(step, found({ at: 2 }, { name: 'Shaun' }));
    expect(await scheduleOf()).toMatchObject({ snapshot: { at: 2 }, lastOutputs: 1 });
  });
});
