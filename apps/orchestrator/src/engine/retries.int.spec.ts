import {
  newId,
  replyQueue,
  stepMessageId,
  type ResultMessage,
  type RetryAdvice,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import type { RetrySettings } from '@millrace/flow-model';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { handleParked } from '../upkeep/parked.js';
import { reconcile, sendUnsent } from '../upkeep/reconciler.js';
import { releaseDue } from '../upkeep/releaser.js';
import { delivery, failed, resultOf, succeeded, triggerOf, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';
import { handleTriggers } from './triggers.js';

const engine = useEngine();
const runs = new AbortController().signal;

let flow: SeededFlow;
// What an earlier test left waiting is not released by the next one.
beforeEach(() => engine.database.dataSource.query(`truncate run, step_run`));

async function flowWith(retry?: RetrySettings): Promise<void> {
  flow = await seedFlow(engine.database, {
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive', ...(retry && { retry }) },
      {
        id: 'step_2',
        component: 'petstore',
        operation: 'createPet',
        mapping: { name: 'petname' },
        ...(retry && { retry }),
      },
      {
        id: 'step_3',
        component: 'petstore',
        operation: 'createPet',
        mapping: { id: '$string(id)', name: '$steps.step_1.petname' },
      },
    ],
    edges: [
      { from: 'step_1', to: 'step_2' },
      { from: 'step_2', to: 'step_3' },
    ],
  });
}
beforeEach(() => flowWith());

interface Row {
  status: string;
  attempt: number;
  inMs: number | null;
  attempts: { attempt: number; error: { code: string; message: string; detail: unknown } }[] | null;
  error: { code: string } | null;
  input: unknown;
}

async function rowOf({
  runId,
  stepId,
  path,
}: Pick<StepMessage, 'runId' | 'stepId' | 'path'>): Promise<Row | undefined> {
  const [row] = await engine.database.dataSource.query<Row[]>(
    `select status, attempt, attempts, error, input, (extract(epoch from due_at - now()) * 1000)::float8 as "inMs"
     from step_run where run_id = $1 and step_id = $2 and path = $3`,
    [runId, stepId, path],
  );
  return row;
}

async function countersOf(runId: RunId) {
  const [row] = await engine.database.dataSource.query<{ open: number; failed: number }[]>(
    `select open_steps as open, failed_steps as failed from run where id = $1`,
    [runId],
  );
  return row;
}

/** Makes what waits, or what runs, due. */
const passTime = (status: 'waiting' | 'running'): Promise<unknown> =>
  engine.database.dataSource.query(`update step_run set due_at = now() - interval '1 s' where status = $1`, [status]);

const refusedBy = (code: string, retry: RetryAdvice = { kind: 'policy' }): ResultMessage['outcome'] => ({
  kind: 'failed',
  error: { code, message: `${code}!`, detail: null },
  retry,
});

const result = (step: StepMessage, outcome: ResultMessage['outcome']) =>
  handleResults(engine.deps, [resultOf(step, outcome)]);
const lastSent = (): StepMessage => engine.sentSteps().at(-1)!;
const release = (deps = engine.deps): Promise<number> => releaseDue(deps, runs);

/** A run whose second step has been sent. */
async function secondStep(): Promise<StepMessage> {
  const step = await engine.begin(flow, newId<RunId>());
  await result(step, succeeded({ petname: 'Gromit' }));
  return lastSent();
}

/** Fails a step, lets its pause pass and gives the message of its next attempt. */
async function failAgain(step: StepMessage, code: string): Promise<StepMessage> {
  await result(step, refusedBy(code));
  await passTime('waiting');
  expect(await release()).toBe(1);
  return lastSent();
}

describe('a step that fails', () => {
  it('waits, is sent again with the same input and carry, and its run succeeds when an attempt does', async () => {
    const first = await secondStep();
    await result(first, refusedBy('away'));
    expect(await rowOf(first)).toMatchObject({ status: 'waiting', attempt: 2, error: null, input: { name: 'Gromit' } });
    const { inMs } = (await rowOf(first))!;
    expect(inMs).toBeGreaterThan(0);
    expect(inMs).toBeLessThanOrEqual(1_000);
    expect(await countersOf(first.runId)).toEqual({ open: 1, failed: 0 });
    engine.sent.length = 0;
    expect(await release()).toBe(0);
    await passTime('waiting');
    expect(await release()).toBe(1);
    expect(engine.sentSteps()).toEqual([{ ...first, attempt: 2 }]);
    expect(engine.sent[0]?.messageId).toBe(stepMessageId({ ...first, attempt: 2 }));
    expect((await rowOf(first))!.inMs).toBeGreaterThan(100_000);
    await result(lastSent(), succeeded({ id: 1 }));
    const third = lastSent();
    expect(third).toMatchObject({ stepId: 'step_3', attempt: 1, input: { id: '1', name: 'Gromit' } });
    await result(third, succeeded({}));
    expect(await engine.runStatus(first.runId)).toBe('succeeded');
    expect(await rowOf(first)).toMatchObject({
      status: 'succeeded',
      attempt: 2,
      attempts: [{ attempt: 1, startedAt: 1, finishedAt: 2, error: { code: 'away', message: 'away!' } }],
    });
  });

  it('is given up after the last attempt with its error, and every attempt before is kept', async () => {
    const first = await secondStep();
    const third = await failAgain(await failAgain(first, 'away_1'), 'away_2');
    expect(third.attempt).toBe(3);
    await result(third, refusedBy('away_3'));
    expect(await engine.runStatus(first.runId)).toBe('failed');
    const row = (await rowOf(first))!;
    expect(row).toMatchObject({ status: 'failed', attempt: 3, inMs: null, error: { code: 'away_3' } });
    expect(row.attempts?.map(({ attempt, error }) => [attempt, error.code])).toEqual([
      [1, 'away_1'],
      [2, 'away_2'],
    ]);
    expect(await countersOf(first.runId)).toEqual({ open: 0, failed: 1 });
  });

  it('is tried as often as its own policy says, with pauses that grow', async () => {
    await flowWith({ maxAttempts: 2, initialDelayMs: 20_000 });
    const trigger = await engine.begin(flow, newId<RunId>(), { query: { a: '1' } });
    await result(trigger, refusedBy('away'));
    const { inMs } = (await rowOf(trigger))!;
    expect(inMs).toBeGreaterThan(9_000);
    expect(inMs).toBeLessThanOrEqual(20_000);
    await passTime('waiting');
    await release();
    expect(lastSent()).toEqual({ ...trigger, attempt: 2 });
    await result(lastSent(), refusedBy('away'));
    expect(await engine.runStatus(trigger.runId)).toBe('failed');
  });

  it('is not tried again when its error says that this cannot help, or when its policy is one attempt', async () => {
    const first = await secondStep();
    await result(first, failed);
    expect(await rowOf(first)).toMatchObject({ status: 'failed', attempt: 1, attempts: null });
    await flowWith({ maxAttempts: 1 });
    const only = await secondStep();
    await result(only, refusedBy('away'));
    expect(await engine.runStatus(only.runId)).toBe('failed');
  });

  it.each([
    [90_000, 89_000, 90_000],
    [10, 400, 1_000],
    [1e15, 86_390_000, 86_400_000],
  ])(
    'comes back no sooner than after the %d ms that its target asks for, within a day',
    async (afterMs, least, most) => {
      const first = await secondStep();
      await result(first, refusedBy('rate_limited', { kind: 'after', afterMs }));
      const { inMs } = (await rowOf(first))!;
      expect(inMs).toBeGreaterThan(least);
      expect(inMs).toBeLessThanOrEqual(most);
    },
  );

  it('keeps of a failure what is short', async () => {
    const first = await secondStep();
    const error = { code: 'away', message: 'x\u0000]'.repeat(1_000), detail: { body: 'y'.repeat(5_000) } };
    await result(first, { kind: 'failed', error, retry: { kind: 'policy' } });
    const [kept] = (await rowOf(first))!.attempts!;
    expect(kept?.error).toEqual({
      code: 'away',
      message: `${error.message.slice(0, 1_000)}…`,
      detail: { leftOutCharacters: 5_011 },
    });
  });
});

describe('a failed result', () => {
  it('that is delivered again counts once, while the step waits, runs again or has ended', async () => {
    const first = await secondStep();
    await result(first, refusedBy('away'));
    const { status, attempt, attempts } = (await rowOf(first))!;
    const copies = [resultOf(first, refusedBy('away')), resultOf(first, refusedBy('away'))];
    expect(await handleResults(engine.deps, copies)).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
    expect(await rowOf(first)).toMatchObject({ status, attempt, attempts });
    await passTime('waiting');
    await release();
    await handleResults(engine.deps, copies);
    expect(await rowOf(first)).toMatchObject({ status: 'running', attempt: 2 });
    await result(lastSent(), succeeded({ id: 1 }));
    await handleResults(engine.deps, copies);
    expect(await rowOf(first)).toMatchObject({ status: 'succeeded', attempt: 2 });
  });

  it('of an earlier attempt does not hide that of the present one in the same batch', async () => {
    const first = await secondStep();
    const second = await failAgain(first, 'away');
    await handleResults(engine.deps, [resultOf(first, refusedBy('away')), resultOf(second, succeeded({ id: 1 }))]);
    expect(await rowOf(first)).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(lastSent().stepId).toBe('step_3');
  });

  it('in a batch with others is postponed while they are settled', async () => {
    const [one, other] = [await secondStep(), await secondStep()];
    const outcomes = await handleResults(engine.deps, [
      resultOf(one, refusedBy('away')),
      resultOf(other, succeeded({ id: 1 })),
      resultOf({ ...one, runId: newId<RunId>() }, refusedBy('away')),
    ]);
    expect(outcomes).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'park' }]);
    expect(await rowOf(one)).toMatchObject({ status: 'waiting' });
    expect(await rowOf(other)).toMatchObject({ status: 'succeeded' });
  });
});

describe('a late result of an earlier attempt', () => {
  it('is ignored, whatever it says', async () => {
    const first = await secondStep();
    await result(first, refusedBy('away'));
    await result(first, succeeded({ id: 1 }));
    expect(await rowOf(first)).toMatchObject({ status: 'waiting', attempt: 2 });
    await passTime('waiting');
    await release();
    engine.sent.length = 0;
    expect(await result(first, succeeded({ id: 1 }))).toEqual([{ outcome: 'done' }]);
    await result(first, failed);
    expect(await rowOf(first)).toMatchObject({ status: 'running', attempt: 2 });
    expect(engine.sent).toEqual([]);
  });

  it('that is parked does not fail the present one', async () => {
    const first = await secondStep();
    const second = await failAgain(first, 'away');
    engine.sent.length = 0;
    const headers = { 'x-millrace-park-queue': 'results', 'x-millrace-park-reason': 'it cannot be read' };
    const parked = (step: StepMessage) =>
      handleParked(engine.deps, [delivery({ messageId: stepMessageId(step), headers, body: Buffer.from('?') })]);
    await parked(first);
    expect(engine.sent).toEqual([]);
    await parked(second);
    expect(engine.sent).toHaveLength(1);
  });
});

describe('what is delivered again above a step that is tried again', () => {
  it('does not send it once more', async () => {
    const runId = newId<RunId>();
    const trigger = await engine.begin(flow, runId);
    const triggerAgain = await failAgain(trigger, 'away');
    engine.sent.length = 0;
    await handleTriggers(engine.deps, [triggerOf(flow, runId)]);
    expect(engine.sent).toEqual([]);
    const above = resultOf(triggerAgain, succeeded({ petname: 'Gromit' }));
    await handleResults(engine.deps, [above]);
    await failAgain(lastSent(), 'away');
    engine.sent.length = 0;
    await handleResults(engine.deps, [above]);
    expect(engine.sent).toEqual([]);
  });
});

describe('a caller who waits for the reply of a run', () => {
  it('hears nothing of an attempt that another one follows, and of the end after the last', async () => {
    flow = await seedFlow(engine.database, {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive' },
        { id: 'step_2', component: 'webhook', operation: 'reply', retry: { maxAttempts: 2 } },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    });
    const replyTo = replyQueue(newId());
    const trigger = await engine.begin(flow, newId<RunId>(), { replyTo });
    await result(trigger, succeeded({}));
    const second = await failAgain(lastSent(), 'away');
    expect(second).toMatchObject({ attempt: 2, carry: { replyTo } });
    expect(engine.sentReplies()).toEqual([]);
    await result(second, refusedBy('away'));
    expect(engine.sentReplies()).toEqual([{ kind: 'ended', runId: trigger.runId, status: 'failed' }]);
  });
});

describe('a kill', () => {
  it('between the settling and the release leaves the step to whoever releases next', async () => {
    const first = await secondStep();
    await result(first, refusedBy('away'));
    await passTime('waiting');
    const successor = { ...engine.deps };
    expect(await release(successor)).toBe(1);
    expect(lastSent()).toEqual({ ...first, attempt: 2 });
  });

  it('between the release and the publish leaves the step to the reconciler', async () => {
    const first = await secondStep();
    await result(first, refusedBy('away'));
    await passTime('waiting');
    engine.killedBeforePublish = true;
    expect(await release()).toBe(1);
    engine.killedBeforePublish = false;
    engine.sent.length = 0;
    expect(await release()).toBe(0);
    const { inMs } = (await rowOf(first))!;
    expect(inMs).toBeLessThanOrEqual(5_000);
    expect(await sendUnsent(engine.deps)).toBe(0);
    await passTime('running');
    expect(await reconcile(engine.deps)).toBe(0);
    // The message of another step waits in the queue of the component: that says nothing about this one.
    expect(await engine.deps.broker.messageCount('steps.petstore')).toBeGreaterThan(0);
    expect(await sendUnsent(engine.deps)).toBe(1);
    expect(lastSent()).toEqual({ ...first, attempt: 2 });
    expect((await rowOf(first))!.inMs).toBeGreaterThan(100_000);
    await passTime('running');
    expect(await sendUnsent(engine.deps)).toBe(0);
  });

  it('after the publish leaves nothing to release again', async () => {
    const first = await secondStep();
    const second = await failAgain(first, 'away');
    await passTime('waiting');
    expect(await release()).toBe(0);
    await result(second, succeeded({ id: 1 }));
    expect(await rowOf(first)).toMatchObject({ status: 'succeeded', attempt: 2 });
  });
});

describe('two orchestrators', () => {
  it('release every step once', async () => {
    const trigger = await engine.begin(flow, newId<RunId>());
    await result(trigger, succeeded(...Array.from({ length: 300 }, (_, at) => ({ petname: `${at}` }))));
    const steps = engine.sentSteps().filter(({ stepId }) => stepId === 'step_2');
    await handleResults(
      engine.deps,
      steps.map((step) => resultOf(step, refusedBy('away'))),
    );
    await passTime('waiting');
    engine.sent.length = 0;
    const counts = await Promise.all([release(), release(), release()]);
    expect(counts.reduce((sum, count) => sum + count)).toBe(300);
    const ids = engine.sent.map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(300);
    expect(ids).toHaveLength(300);
  });
});
