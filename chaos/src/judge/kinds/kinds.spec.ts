import { describe, expect, it } from 'vitest';
import { countEffects } from '../../target/effects.js';
import { recordOf, type JudgedRun } from '../judged-run.js';
import { slipped } from './held.js';
import { cancelsAmiss, overlooking, refusedIn, replaysAmiss, type Job } from './jobs.js';
import { interleaved, overlapping, overtaken } from './order.js';
import { tooManyAtOnce } from './places.js';
import { resumesAmiss } from './resumes.js';
import { scheduleFaults } from './ticks.js';

/** The id of a run that was called at a time. */
function idAt(ms: number, more = 0): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(more).padStart(12, '0')}`;
}

/** A run that was called at a time, and whose first step began some time later. */
function run(calledAt: number, from: number, until: number, change: Partial<JudgedRun> = {}): JudgedRun {
  const step = { stepId: 'step_1', path: '', status: 'succeeded', attempt: 1, failures: [], errorCode: null };
  return {
    id: idAt(calledAt, from),
    flowId: 'flow',
    number: 1,
    status: 'succeeded',
    openSteps: 0,
    failedSteps: 0,
    startedAt: calledAt,
    finishedAt: until,
    duplicateOf: null,
    replayOf: null,
    steps: [{ ...step, startedAt: from, output: {} }],
    ...change,
  };
}

it('more runs at a time than there are places are found, and runs in place of one that ended are none', () => {
  const [first, second] = [run(1, 10, 20), run(2, 12, 30)];
  expect(tooManyAtOnce([first, second, run(3, 20, 40)], 2)).toEqual([]);
  expect(tooManyAtOnce([first, second, run(3, 19, 40)], 2)).toEqual([expect.stringContaining('3 runs went on at')]);
  const third = run(3, 19, 40);
  const cancelled = { ...third, steps: third.steps.map((step) => ({ ...step, status: 'cancelled' })) };
  expect(tooManyAtOnce([first, second, cancelled], 2)).toEqual([]);
});

describe('runs of one key', () => {
  const [one, other] = [run(1, 10, 20), run(2, 20, 30)];

  it('follow each other', () => {
    expect(overlapping([other, one])).toEqual([]);
    expect(overlapping([one, run(2, 19, 30)])).toHaveLength(1);
    expect(overlapping([run(1, 10, 20, { finishedAt: null }), other])).toHaveLength(1);
  });

  it('wait for the release of one that failed', () => {
    const failed = run(1, 10, 20, { status: 'failed' });
    expect(overlapping([failed, other], new Map([[failed.id, 20]]))).toEqual([]);
    expect(overlapping([failed, other], new Map([[failed.id, 21]]))).toHaveLength(1);
    expect(overlapping([failed, other], new Map())).toHaveLength(1);
    expect(overlapping([failed, other])).toEqual([]);
  });

  it('have their effects one after the other, late repetitions aside', () => {
    const effects = countEffects();
    const effectsOf = (run: JudgedRun) => [recordOf(run, 'first', '0'), recordOf(run, 'last', '0.0')];
    effects.add(`${one.id}:first:0`, 1, 10);
    effects.add(`${one.id}:last:0.0`, 1, 15);
    effects.add(`${other.id}:first:0`, 1, 21);
    effects.add(`${one.id}:last:0.0`, 1, 25);
    expect(interleaved([one, other], effects, effectsOf)).toEqual([]);
    const early = run(3, 14, 40);
    effects.add(`${early.id}:first:0`, 1, 14);
    expect(interleaved([one, other, early], effects, effectsOf)).toHaveLength(1);
  });

  it('do not overtake each other in calm', () => {
    const [first, later] = [run(10_000, 12_500, 12_600), run(12_000, 12_100, 12_200)];
    const calm = [{ from: 9_000, until: 20_000 }];
    expect(overtaken([first, later], { calm, acceptedAt: () => 10_050 })).toHaveLength(1);
    expect(overtaken([first, later], { calm: [], acceptedAt: () => 10_050 })).toEqual([]);
    expect(overtaken([first, later], { calm, acceptedAt: () => 11_500 })).toEqual([]);
  });
});

it('a run that began while its flow was paused is found, unless its call came before', () => {
  const held = { how: 'paused', from: 100, until: 200 } as const;
  expect(slipped([run(99, 150, 160), run(150, 200, 210), run(200, 201, 202)], held)).toEqual([]);
  expect(slipped([run(101, 199, 210)], held)).toHaveLength(1);
  expect(slipped([run(101, 300, 310)], { ...held, how: 'stopped' })).toHaveLength(1);
});

describe('polls', () => {
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
  const tick = (scheduled: number, fired = scheduled) => ({ scheduledAt: at(scheduled), firedAt: at(fired) });
  const poll = (
    count: number,
    scheduled: number,
    more: { fired?: number; empty?: ReturnType<typeof tick>[] } = {},
  ) => ({
    ...tick(scheduled, more.fired),
    id: `poll-${count}`,
    count,
    empty: more.empty ?? [],
  });
  const times = { everyMs: 5_000, closedAt: 30_000 };

  it('are one for each time, those that found nothing and those that made up for others included', () => {
    const polls = [poll(1, 5), poll(2, 10, { fired: 17 }), poll(4, 25, { empty: [tick(20)] })];
    expect(scheduleFaults(polls, times)).toEqual([]);
  });

  it.each([
    ['left out', [poll(1, 15), poll(2, 25)], 'no poll was made for 1970-01-01T00:00:20.000Z'],
    ['made twice', [poll(1, 20), poll(2, 25), poll(3, 25)], 'taken again'],
    ['off the grid', [poll(1, 20, { fired: 22 }), poll(2, 24)], 'off the grid'],
    ['not in the snapshot', [poll(1, 20), poll(1, 25)], 'poll 1, after 1'],
    ['in the snapshot alone', [poll(1, 20), poll(3, 25)], 'poll 3, after 1'],
    ['not made any more', [poll(1, 5), poll(2, 10)], 'the last poll was for'],
  ])('are found when one is %s', (_, polls, fault) => {
    expect(scheduleFaults(polls, times)).toContainEqual(expect.stringContaining(fault));
  });
});

describe('bulk jobs', () => {
  const job = (change: Partial<Job>): Job => ({
    id: 'job',
    action: 'replay',
    status: 'done',
    filter: { flowId: 'flow', from: new Date(0).toISOString(), to: new Date(1_000).toISOString() },
    done: 1,
    failed: 0,
    failures: [],
    createdAt: new Date(1_000).toISOString(),
    ...change,
  });
  const first = run(500, 510, 520);
  const replay = (at: number) => run(at, at, at + 1, { replayOf: first.id });

  it('replay what they count, each run once for each job that asked for it', () => {
    expect(replaysAmiss([first, replay(2_000)], [job({})])).toEqual([]);
    expect(replaysAmiss([first], [job({})])).toEqual(['jobs count 1 replays, and there are 0']);
    expect(replaysAmiss([first, replay(2_000), replay(2_001)], [job({ done: 2 })])).toEqual([
      `${first.id} was replayed 2 times, 1 jobs asked for it`,
    ]);
  });

  it('cancel and retry what they were to, and are refused nothing', () => {
    const cancelled = run(1, 2, 3, { status: 'cancelled' });
    expect(cancelsAmiss([cancelled], [job({ action: 'cancel' })])).toEqual([]);
    expect(cancelsAmiss([cancelled], [])).toHaveLength(1);
    expect(overlooking(first, [job({ action: 'retry' })])).toHaveLength(1);
    expect(overlooking(first, [job({ action: 'retry', createdAt: new Date(519).toISOString() })])).toEqual([]);
    expect(refusedIn(job({ failed: 1 }))).toHaveLength(1);
    const ended = [{ runId: 'run', code: 'run_finished' }];
    expect(refusedIn(job({ action: 'retry', failed: 1, failures: ended }))).toHaveLength(1);
    expect(refusedIn(job({ action: 'cancel', failed: 1, failures: ended }))).toEqual([]);
  });
});

it('of the calls that resume a step those count that were told so, each once', () => {
  expect(resumesAmiss(['a'], { kept: ['a'], perhaps: ['b'] }, 1)).toEqual([]);
  expect(resumesAmiss(['b'], { kept: [], perhaps: ['b'] }, 1)).toEqual([]);
  expect(resumesAmiss(['b'], { kept: ['a'], perhaps: ['b'] }, 1)).toHaveLength(1);
  expect(resumesAmiss(['c'], { kept: [], perhaps: ['b'] }, 1)).toHaveLength(1);
  expect(resumesAmiss(['a', 'a'], { kept: ['a'], perhaps: [] }, 2)).toHaveLength(1);
  expect(resumesAmiss([], { kept: [], perhaps: [] }, 1)).toHaveLength(1);
});
