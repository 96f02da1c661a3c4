import fc from 'fast-check';
import { runs, type Model } from './model.fixture.js';
import { succeededWith, type Command, type Real } from './real.fixture.js';

/** The result of the present attempt: the step ends, and for each output what follows is opened and sent. */
class StepSucceeds implements Command {
  constructor(private readonly given: { which: number; outputs: number; copies: number; killed: boolean }) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(runs);

  async run(model: Model, real: Real): Promise<void> {
    const { which, outputs, copies, killed } = this.given;
    const step = model.pick(which, runs);
    if (!step) return;
    const sends = model.succeed(step, outputs);
    await real.does(model, () => real.result(step, step.attempt, succeededWith(outputs), copies), { sends, killed });
  }

  toString(): string {
    const { which, outputs, copies, killed } = this.given;
    return `step ${which} succeeds with ${outputs} outputs in ${copies} copies${killed ? ', killed' : ''}`;
  }
}

export const stepSucceeds = fc
  .record({
    which: fc.nat(),
    outputs: fc.nat({ max: 2 }),
    copies: fc.integer({ min: 1, max: 2 }),
    killed: fc.boolean(),
  })
  .map((given) => new StepSucceeds(given));
