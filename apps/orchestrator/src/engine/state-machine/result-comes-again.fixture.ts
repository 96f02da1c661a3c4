import fc from 'fast-check';
import { mayBeUnsent, type Model } from './model.fixture.js';
import { failedWith, succeededWith, type Command, type Real } from './real.fixture.js';

/** The result that ended a step, once more: those steps that follow are sent again whose first attempt runs. */
class ResultComesAgain implements Command {
  constructor(private readonly which: number) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(hasEnded);

  async run(model: Model, real: Real): Promise<void> {
    // Mostly one that something follows from.
    const opening = model.pick(this.which, (ended) => model.below(ended).length > 0);
    const step = opening ?? model.pick(this.which, hasEnded);
    if (!step) return;
    const outcome = step.status === 'succeeded' ? succeededWith(step.outputs) : failedWith('never');
    const sends = model.below(step).filter(mayBeUnsent);
    await real.does(model, () => real.result(step, step.attempt, outcome), { sends });
  }

  toString = (): string => `the result of ended step ${this.which} comes again`;
}

const hasEnded = ({ status }: { status: string }): boolean => status === 'succeeded' || status === 'failed';

export const resultComesAgain = fc.nat().map((which) => new ResultComesAgain(which));
