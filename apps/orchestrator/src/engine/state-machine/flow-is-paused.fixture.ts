import fc from 'fast-check';
import type { Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** The flow is paused, or resumed: what is queued begins when the queue is looked at. */
class FlowIsPaused implements Command {
  constructor(private readonly pauses: boolean) {}

  // Mostly not for long.
  check = ({ paused }: Readonly<Model>): boolean => paused || this.pauses;

  async run(model: Model, real: Real): Promise<void> {
    model.paused = !model.paused;
    await real.does(model, () => real.setPaused(model.paused), { sends: [] });
  }

  toString = (): string => 'the flow is paused or resumed';
}

export const flowIsPaused = fc.nat({ max: 3 }).map((number) => new FlowIsPaused(number === 0));
