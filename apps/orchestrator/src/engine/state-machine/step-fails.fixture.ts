import fc from 'fast-check';
import { maxAttempts, runs, type Model } from './model.fixture.js';
import { failedWith, type Command, type Real } from './real.fixture.js';

/** The present attempt fails: the step waits for the next one, or ends if none can help or none is left. */
class StepFails implements Command {
  constructor(private readonly given: { which: number; retry: 'policy' | 'never' }) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(runs);

  async run(model: Model, real: Real): Promise<void> {
    const { which, retry } = this.given;
    const step = model.pick(which, runs);
    if (!step) return;
    const { attempt } = step;
    if (retry === 'policy' && attempt - step.retriedAfter < maxAttempts) {
      step.status = 'waiting';
      step.attempt += 1;
    } else step.status = 'failed';
    await real.does(model, () => real.result(step, attempt, failedWith(retry)), { sends: [] });
  }

  toString = (): string => `step ${this.given.which} fails, to be tried again: ${this.given.retry}`;
}

export const stepFails = fc
  .record({ which: fc.nat(), retry: fc.constantFrom('policy' as const, 'policy' as const, 'never' as const) })
  .map((given) => new StepFails(given));
