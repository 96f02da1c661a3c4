import fc from 'fast-check';
import { hasFailed, hasFinished, type Model, type ModelRun } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** Somebody retries a failed run: its failed steps wait for another attempt, and for all that their policy grants. */
class RunIsRetried implements Command {
  constructor(private readonly which: number) {}

  check = (model: Readonly<Model>): boolean => [...model.runs.values()].some(failedForGood);

  async run(model: Model, real: Real): Promise<void> {
    const run = model.pickRun(this.which, failedForGood);
    if (!run) return;
    for (const step of run.steps.filter(hasFailed)) {
      step.status = 'waiting';
      step.forCall = false;
      step.expired = false;
      step.retriedAfter = step.attempt;
      step.attempt += 1;
    }
    await real.does(model, () => real.retry(run.id), { sends: [] });
  }

  toString = (): string => `run ${this.which} is retried`;
}

const failedForGood = (run: ModelRun): boolean =>
  run.state === 'begun' && hasFinished(run) && run.steps.some(hasFailed);

export const runIsRetried = fc.nat().map((which) => new RunIsRetried(which));
