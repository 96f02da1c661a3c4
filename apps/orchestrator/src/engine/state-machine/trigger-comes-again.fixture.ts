import fc from 'fast-check';
import { mayBeUnsent, type Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/**
 * A trigger that came before: its trigger step is sent again while its first attempt runs, unless it began from the queue of a
 * flow that limits its runs, and nothing else happens.
 */
class TriggerComesAgain implements Command {
  constructor(private readonly which: number) {}

  check = (model: Readonly<Model>): boolean => model.runs.size > 0;

  async run(model: Model, real: Real): Promise<void> {
    const run = model.pickRun(this.which, () => true);
    if (!run) return;
    const sends = model.queues ? [] : run.steps.filter((step) => step.stepId === 's0' && mayBeUnsent(step));
    const once = run.state === 'duplicate' || run.id === model.first;
    await real.does(model, () => real.trigger(run.id, { key: run.key, once }), { sends });
  }

  toString = (): string => `trigger ${this.which} comes again`;
}

export const triggerComesAgain = fc.nat().map((which) => new TriggerComesAgain(which));
