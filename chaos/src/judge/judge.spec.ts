import { describe, expect, it } from 'vitest';
import { openLedger } from '../clients/ledger.js';
import type { Inflicted } from '../faults/storm.js';
import { countEffects } from '../target/effects.js';
import { judge, type Evidence } from './judge.js';
import { recordOf, type JudgedRun } from './judged-run.js';

const flowId = 'flow';
const idOf = (number: number): string => `01a204d2-0000-7000-8000-${String(number).padStart(12, '0')}`;

function run(number: number, change: Partial<JudgedRun> = {}): JudgedRun {
  const startedAt = number * 1_000;
  const step = { path: '', status: 'succeeded', attempt: 1, failures: [], startedAt, errorCode: null };
  return {
    id: idOf(number),
    flowId,
    number,
    status: 'succeeded',
    openSteps: 0,
    failedSteps: 0,
    startedAt,
    finishedAt: startedAt + 100,
    duplicateOf: null,
    replayOf: null,
    steps: [
      { ...step, stepId: 'step_1', output: {} },
      { ...step, stepId: 'step_2', path: '0', output: {} },
    ],
    ...change,
  };
}

/** Three requests that came to what they should, but for the changes. */
function evidence(change: { runs?: JudgedRun[]; faults?: Inflicted[]; calm?: Evidence['calm'] } = {}) {
  const ledger = openLedger();
  const runs = change.runs ?? [run(1), run(2), run(3)];
  const effects = countEffects();
  for (const number of [1, 2, 3]) {
    ledger.sent(number, 'plain');
    ledger.note(number, { outcome: 'accepted', requestId: idOf(number).replaceAll('-', '') });
    for (const { key } of expected(run(number))) effects.add(key, number);
  }
  const flow = {
    flowIds: [flowId],
    send: () => Promise.reject(new Error('nothing is sent')),
    judge: (one: JudgedRun) => (one.status === 'succeeded' ? [] : [`is ${one.status}`]),
    effects: expected,
  };
  const given: Evidence = {
    addressees: [{ name: 'plain', flow }],
    ledger,
    runs,
    effects,
    faults: change.faults ?? [],
    calm: change.calm ?? [],
  };
  return { ...given, ledger, effects };
}

const expected = (one: JudgedRun) => [recordOf(one, 'step_2', '0')];

const killOf = (on: string, from: number, until: number): Inflicted => ({
  fault: 'kill -9',
  on,
  forMs: 0,
  from,
  until,
});

describe('the judgement', () => {
  it('has nothing to say when all is as it should be', async () => {
    expect(await judge(evidence())).toMatchObject({ lost: [], faults: [], duplicates: [], unanswered: 0 });
  });

  it('names an accepted request of which there is no run', async () => {
    const { lost } = await judge(evidence({ runs: [run(1), run(3)] }));
    expect(lost).toEqual([`${idOf(2)}, request 2 (plain)`]);
  });

  it('finds a run that nobody asked for', async () => {
    const { faults } = await judge(evidence({ runs: [run(1), run(2), run(3), run(4)] }));
    expect(faults[0]).toContain('request 4, which nobody sent');
  });

  it('takes a run for each call without an answer, and no more', async () => {
    const given = evidence({ runs: [run(1), run(2), run(3), run(4, { number: 3 })] });
    given.effects.add(recordOf(run(4), 'step_2', '0').key, 3);
    expect((await judge(given)).faults).toEqual(['request 3 has 1 runs of 0 calls without an answer']);
    given.ledger.note(3, undefined);
    expect(await judge(given)).toMatchObject({ faults: [], unanswered: 1 });
  });

  it('finds what did not end, and counters that do not hold what the steps say', async () => {
    const open = run(2, { status: 'running', finishedAt: null, openSteps: 1 });
    const { faults } = await judge(evidence({ runs: [run(1, { failedSteps: 1 }), open, run(3)] }));
    expect(faults.join('\n')).toMatch(/has 0 failed step runs and counts 1/);
    expect(faults.join('\n')).toMatch(/is running and did not end/);
    expect(faults.join('\n')).toMatch(/has 0 open step runs and counts 1/);
  });

  it('finds an effect that is missing, and one that no run asked for', async () => {
    const given = evidence({ runs: [run(1), run(2), run(3, { id: idOf(9) })] });
    const { faults } = await judge(given);
    expect(faults.some((fault) => fault.includes('had no effect of step_2 0'))).toBe(true);
    expect(faults).toContain(`there is an effect that no run asked for: ${idOf(3)}:step_2:0`);
  });
});

describe('an effect that came twice', () => {
  const twice = (given: ReturnType<typeof evidence>) => {
    given.effects.add(recordOf(run(2), 'step_2', '0').key, 2);
    return judge(given);
  };
  const now = Date.now();

  it('is a fault when nothing had been cut', async () => {
    const { duplicates, faults } = await twice(evidence());
    expect(duplicates).toMatchObject([{ runId: idOf(2), stepId: 'step_2', path: '0', attempt: 1 }]);
    expect(faults[0]).toMatch(/was done twice, at .* and .*, and nothing was cut/);
  });

  it('is listed with its cause when somebody was killed who may have held it', async () => {
    const { duplicates, faults } = await twice(evidence({ faults: [killOf('orchestrator-1', now - 5, now)] }));
    expect(faults).toEqual([]);
    expect(duplicates).toMatchObject([{ cause: 'kill -9 of orchestrator-1' }]);
  });

  it('is not excused by the end of a process that never held it, nor by one of another time', async () => {
    const aside = ['webhooks-service-1', 'component-petstore-2'].map((on) => killOf(on, now - 5, now));
    const early = killOf('orchestrator-1', 0, run(2).startedAt - 1);
    const { faults } = await twice(evidence({ faults: [...aside, early] }));
    expect(faults).toHaveLength(1);
  });

  it('is a fault in calm, whatever else happened', async () => {
    const calm = [{ from: run(2).startedAt, until: now + 60_000 }];
    const { faults } = await twice(evidence({ faults: [killOf('orchestrator-1', now - 5, now)], calm }));
    expect(faults).toHaveLength(1);
  });

  it('is explained by its own row when the attempt before it failed', async () => {
    const [first, second] = run(2).steps;
    const failures = [{ attempt: 1, startedAt: now, finishedAt: now + 60_000 }];
    const given = evidence({
      runs: [run(1), run(2, { steps: [first!, { ...second!, attempt: 2, failures }] }), run(3)],
    });
    given.effects.add(recordOf(run(2), 'step_2', '0').key, 2, now + 61_000);
    const { duplicates, faults } = await judge(given);
    expect(faults).toEqual([]);
    expect(duplicates).toMatchObject([{ attempt: 2, cause: 'attempt 1 failed' }]);
  });
});
