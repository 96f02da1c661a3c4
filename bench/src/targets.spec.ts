import { describe, expect, it } from 'vitest';
import { figures, figuresOfComponent, noResults, scaleFigures, uploadFigure } from './results.js';
import { judge } from './targets.js';

const load = {
  acceptedPerSecond: 1000,
  finishedPerSecond: 500,
  answerP50Ms: 1,
  answerP99Ms: 2,
  storedP50Ms: 3,
  storedP99Ms: 4,
  duplicates: 0,
  processorMs: {},
  transactionsPerRun: 0.1,
};
const paced = { answerP50Ms: 1, answerP99Ms: 2, storedP50Ms: 10, storedP99Ms: 20 };

const component = { stepsPerSecond: [1_499, 1_500, 1_600], processorMs: [0.3], idleMib: [90] };

interface Alone {
  /** Of 1,000 without a signature. */
  signedPerSecond?: number;
  uploadMib?: number;
  tenStepsCost?: number;
  kept?: number;
}

function results(
  millrace: Partial<typeof load>,
  { signedPerSecond = 600, uploadMib = 32, tenStepsCost = 5.5, kept = 0.9 }: Alone = {},
) {
  const all = noResults();
  all.bare.loads.push(load, load, load);
  all.millrace.loads.push({ ...load, ...millrace }, { ...load, ...millrace }, { ...load, acceptedPerSecond: 1 });
  all.bare.besideSigned.push(1000);
  all.millrace.besideSigned.push(signedPerSecond);
  all.millrace.uploadMib.push(uploadMib);
  // Of the usual ratio, which the finished runs of the load give.
  const usual = { ...load, ...millrace }.finishedPerSecond / load.finishedPerSecond;
  all.millrace.scale.tenStepsCost.push(tenStepsCost);
  all.millrace.scale.manyFlows.push(kept * usual);
  all.millrace.scale.manyRuns.push(kept * usual);
  for (const side of [all.bare, all.millrace]) side.idle.push(paced);
  return all;
}

function verdicts(millrace: Partial<typeof load>, alone?: Alone): Record<string, boolean> {
  return Object.fromEntries(
    judge([...figures(results(millrace, alone)), ...figuresOfComponent(component)], {
      scale: true,
      componentOnly: false,
    }).map(({ target, met }) => [target.figure, met]),
  );
}

describe('the targets', () => {
  it('are met when the medians reach them', () => {
    expect(new Set(Object.values(verdicts({ acceptedPerSecond: 700, finishedPerSecond: 350 })))).toEqual(
      new Set([true]),
    );
  });

  it('are missed below and above their bounds', () => {
    expect(verdicts({ acceptedPerSecond: 690 })['accepted']).toBe(false);
    expect(verdicts({ finishedPerSecond: 345 })['finished runs']).toBe(false);
    expect(verdicts({ transactionsPerRun: 0.16 })['transactions per run']).toBe(false);
    expect(verdicts({}, { signedPerSecond: 590 })['accepted with HMAC']).toBe(false);
    expect(verdicts({}, { uploadMib: 33 })[uploadFigure]).toBe(false);
    expect(verdicts({}, { tenStepsCost: 5.6 })[scaleFigures.tenSteps]).toBe(false);
    expect(verdicts({}, { kept: 0.89 })).toMatchObject({
      [scaleFigures.manyFlows]: false,
      [scaleFigures.manyRuns]: false,
    });
    const once = results({});
    once.millrace.uploadMib.push(5, 33, 5);
    const upload = judge(figures(once), { scale: false, componentOnly: false }).find(
      ({ target }) => target.figure === uploadFigure,
    );
    expect(upload).toMatchObject({ measured: 33, met: false });
  });

  it('are missed when nothing was measured', () => {
    expect(judge(figures(noResults()), { scale: true, componentOnly: false }).every(({ met }) => !met)).toBe(true);
  });
});
