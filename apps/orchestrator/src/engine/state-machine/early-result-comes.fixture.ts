import fc from 'fast-check';
import { waits, type Model } from './model.fixture.js';
import { succeededWith, type Command, type Real } from './real.fixture.js';

/** A result of the attempt that a step still waits for, as none can have made: nothing happens. */
class EarlyResultComes implements Command {
  constructor(private readonly which: number) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(waits);

  async run(model: Model, real: Real): Promise<void> {
    const step = model.pick(this.which, waits);
    if (!step) return;
    await real.does(model, () => real.result(step, step.attempt, succeededWith(1)), { sends: [] });
  }

  toString = (): string => `an early result of step ${this.which} comes`;
}

export const earlyResultComes = fc.nat().map((which) => new EarlyResultComes(which));
