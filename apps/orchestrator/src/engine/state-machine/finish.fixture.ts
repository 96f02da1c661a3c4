import { expect } from 'vitest';
import { hasFinished, runs, waitsForAttempt, waitsForCall, type Model } from './model.fixture.js';
import { succeededWith, type Real } from './real.fixture.js';

const mostRounds = 50;

/** Lets everything go on until nothing is left to do: then every run has ended, and every place is free. */
export async function finish(model: Model, real: Real): Promise<void> {
  if (model.paused) {
    model.paused = false;
    await real.does(model, () => real.setPaused(false), { sends: [] });
  }
  for (let round = 0; [...model.runs.values()].some((run) => !hasFinished(run) || run.place); round += 1) {
    expect(round, 'rounds that it takes until all runs have ended').toBeLessThan(mostRounds);
    const begun = model.advance();
    await real.does(model, () => real.advance(), { sends: begun });
    const waiting = model.steps.filter(waitsForCall);
    for (const step of waiting) Object.assign(step, { status: 'running', forCall: false, expired: true });
    await real.does(model, () => real.resume(true), { sends: waiting });
    const released = model.steps.filter(waitsForAttempt);
    for (const step of released) step.status = 'running';
    await real.does(model, () => real.release(), { sends: released });
    // Without outputs nothing follows.
    for (const step of model.steps.filter(runs)) {
      model.succeed(step, 0);
      await real.does(model, () => real.result(step, step.attempt, succeededWith(0)), { sends: [] });
    }
  }
}
