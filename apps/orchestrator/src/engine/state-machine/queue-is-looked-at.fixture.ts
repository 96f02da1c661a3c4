import fc from 'fast-check';
import type { Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** Places of runs that have ended are free, and as many runs begin as may, the earliest first, each key once. */
class QueueIsLookedAt implements Command {
  constructor(private readonly killed: boolean) {}

  check = ({ runs }: Readonly<Model>): boolean =>
    [...runs.values()].some(({ state, place }) => state === 'queued' || place);

  async run(model: Model, real: Real): Promise<void> {
    const sends = model.advance();
    await real.does(model, () => real.advance(), { sends, killed: this.killed });
  }

  toString = (): string => `the queue is looked at${this.killed ? ', killed' : ''}`;
}

export const queueIsLookedAt = fc.boolean().map((killed) => new QueueIsLookedAt(killed));
