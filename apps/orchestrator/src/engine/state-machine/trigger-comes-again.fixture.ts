import fc from 'fast-check';
import { mayBeUnsent, type Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** A trigger that came before: its trigger step is sent again while its first attempt runs, and nothing else happens. */
class TriggerComesAgain implements Command {
  constructor(private readonly which: number) {}

  check = (model: Readonly<Model>): boolean => model.runs.size > 0;

  async run(model: Model, real: Real): Promise<void> {
    const trigger = model.pick(this.which, ({ stepId }) => stepId === 's0');
    if (!trigger) return;
    const sends = mayBeUnsent(trigger) ? [trigger] : [];
    await real.does(model, () => real.trigger(trigger.runId), { sends });
  }

  toString = (): string => `trigger ${this.which} comes again`;
}

export const triggerComesAgain = fc.nat().map((which) => new TriggerComesAgain(which));
