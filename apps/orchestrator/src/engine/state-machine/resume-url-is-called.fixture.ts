import fc from 'fast-check';
import { expect } from 'vitest';
import { childrenOf, waitsForCall, type Model, type ModelCall, type ModelStep } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** Somebody calls the resume URL of a step, before there is one, while it waits, or when it is over: at most one call counts. */
class ResumeUrlIsCalled implements Command {
  constructor(private readonly given: { which: number; early: boolean }) {}

  check = (model: Readonly<Model>): boolean => model.steps.length > 0;

  async run(model: Model, real: Real): Promise<void> {
    const { which, early } = this.given;
    const step = early
      ? model.pick(which, ({ stepId }) => childrenOf(stepId).length > 0)
      : (model.pick(which, waitsForCall) ?? model.pick(which, () => true));
    const run = step && model.runs.get(step.runId);
    if (!run) return;
    const target = targetOf(step, early ? which : undefined);
    const expected = model.call(run, target);
    await real.does(model, async () => expect(await real.call(run.id, target)).toBe(expected), { sends: [] });
  }

  toString = (): string =>
    `the resume URL of ${this.given.early ? 'what follows ' : ''}step ${this.given.which} is called`;
}

/** The step itself, or one of those that follow it, at all paths below. */
function targetOf({ stepId, path }: ModelStep, child: number | undefined): ModelCall {
  if (child === undefined) return { stepId, path };
  const following = childrenOf(stepId);
  return { stepId: following[child % following.length] ?? stepId, path };
}

export const resumeUrlIsCalled = fc
  .record({ which: fc.nat(), early: fc.boolean() })
  .map((given) => new ResumeUrlIsCalled(given));
