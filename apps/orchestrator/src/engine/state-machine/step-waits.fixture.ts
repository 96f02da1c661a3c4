import fc from 'fast-check';
import { runs, type Model } from './model.fixture.js';
import type { Command, Real, StepResult } from './real.fixture.js';

const outcome: StepResult = {
  kind: 'waiting',
  wait: { timeoutMs: 3_600_000, onTimeout: 'fail', uses: 'once', maxCalls: 1 },
};

/** The present attempt waits for a call of its resume URL, also when that has come already: whoever looks next sees it. */
class StepWaits implements Command {
  constructor(private readonly which: number) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(runs);

  async run(model: Model, real: Real): Promise<void> {
    const step = model.pick(this.which, runs);
    if (!step) return;
    step.status = 'waiting';
    step.forCall = true;
    await real.does(model, () => real.result(step, step.attempt, outcome, 2), { sends: [] });
  }

  toString = (): string => `step ${this.which} waits for a call`;
}

export const stepWaits = fc.nat().map((which) => new StepWaits(which));
