import fc from 'fast-check';
import { runs, type Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** The time of all that runs is over: each is sent again as its row says. */
class OverdueIsSent implements Command {
  check = (model: Readonly<Model>): boolean => model.steps.some(runs);

  async run(model: Model, real: Real): Promise<void> {
    await real.does(model, () => real.reconcile(), { sends: model.steps.filter(runs) });
  }

  toString = (): string => 'what is overdue is sent again';
}

export const overdueIsSent = fc.constant(new OverdueIsSent());
