import fc from 'fast-check';
import type { Model, ModelStep } from './model.fixture.js';
import { failedWith, succeededWith, type Command, type Real } from './real.fixture.js';

/** A result of an attempt that another one came after: nothing happens, whatever it says. */
class LateResultComes implements Command {
  constructor(private readonly given: { which: number; says: 'succeeded' | 'policy' | 'never' }) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(wasTriedBefore);

  async run(model: Model, real: Real): Promise<void> {
    const { which, says } = this.given;
    const step = model.pick(which, wasTriedBefore);
    if (!step) return;
    const outcome = says === 'succeeded' ? succeededWith(1) : failedWith(says);
    await real.does(model, () => real.result(step, step.attempt - 1, outcome), { sends: [] });
  }

  toString = (): string => `a late result of step ${this.given.which} says ${this.given.says}`;
}

const wasTriedBefore = ({ attempt }: ModelStep): boolean => attempt > 1;

export const lateResultComes = fc
  .record({ which: fc.nat(), says: fc.constantFrom('succeeded' as const, 'policy' as const, 'never' as const) })
  .map((given) => new LateResultComes(given));
