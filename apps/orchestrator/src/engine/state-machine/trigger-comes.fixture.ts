import { newId, type RunId } from '@millrace/contracts';
import fc from 'fast-check';
import type { Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** A new trigger: its run begins, and its trigger step is sent unless the process is killed before. */
class TriggerComes implements Command {
  constructor(private readonly killed: boolean) {}

  check = ({ runs }: Readonly<Model>): boolean => runs.size < 2;

  async run(model: Model, real: Real): Promise<void> {
    const runId = newId<RunId>();
    const trigger = model.begin(runId);
    await real.does(model, () => real.trigger(runId), { sends: [trigger], killed: this.killed });
  }

  toString = (): string => `a trigger comes${this.killed ? ', killed' : ''}`;
}

export const triggerComes = fc.boolean().map((killed) => new TriggerComes(killed));
