import fc from 'fast-check';
import { waitsForAttempt, type Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** The time of all that waits has come: it runs, and is sent unless the process is killed before. */
class AttemptsAreReleased implements Command {
  constructor(private readonly killed: boolean) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(waitsForAttempt);

  async run(model: Model, real: Real): Promise<void> {
    const sends = model.steps.filter(waitsForAttempt);
    for (const step of sends) step.status = 'running';
    await real.does(model, () => real.release(), { sends, killed: this.killed });
  }

  toString = (): string => `attempts are released${this.killed ? ', killed' : ''}`;
}

export const attemptsAreReleased = fc.boolean().map((killed) => new AttemptsAreReleased(killed));
