import fc from 'fast-check';
import { hasFinished, isOpen, type Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** Somebody cancels a run that is queued, runs or waits: it ends with all of its open steps, for good. */
class RunIsCancelled implements Command {
  constructor(private readonly given: { which: number; often: number }) {}

  // Seldom, or most runs would end before much has happened.
  check = (model: Readonly<Model>): boolean =>
    this.given.often === 0 && [...model.runs.values()].some((run) => !hasFinished(run));

  async run(model: Model, real: Real): Promise<void> {
    const run = model.pickRun(this.given.which, (one) => !hasFinished(one));
    if (!run) return;
    run.state = 'cancelled';
    for (const step of run.steps.filter(isOpen)) step.status = 'cancelled';
    await real.does(model, () => real.cancel(run.id), { sends: [] });
  }

  toString = (): string => `run ${this.given.which} is cancelled`;
}

export const runIsCancelled = fc
  .record({ which: fc.nat(), often: fc.nat({ max: 3 }) })
  .map((given) => new RunIsCancelled(given));
