import { newId, type RunId } from '@millrace/contracts';
import fc from 'fast-check';
import type { Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/**
 * A new trigger: its run begins, and its trigger step is sent unless the process is killed before. While the flow is paused,
 * or where it limits its runs, it is queued; one that repeats another is a duplicate.
 */
class TriggerComes implements Command {
  constructor(private readonly given: { killed: boolean; key: string | undefined; once: boolean }) {}

  check = ({ runs }: Readonly<Model>): boolean => runs.size < 4;

  async run(model: Model, real: Real): Promise<void> {
    const { killed, key, once } = this.given;
    const runId = newId<RunId>();
    const duplicate = once && model.first !== undefined;
    const run = model.add(runId, duplicate ? 'duplicate' : 'queued', key);
    if (once) model.first ??= runId;
    const begins = !duplicate && !model.queues && !model.paused;
    const sends = begins ? [model.begin(run)] : [];
    await real.does(model, () => real.trigger(runId, { key, once }), { sends, killed: killed && begins });
  }

  toString(): string {
    const { killed, key, once } = this.given;
    return `a trigger${key ? ` of key ${key}` : ''} comes${once ? ', once' : ''}${killed ? ', killed' : ''}`;
  }
}

export const triggerComes = fc
  .record({
    killed: fc.boolean(),
    key: fc.constantFrom('a', 'b', undefined),
    once: fc.nat({ max: 2 }).map((number) => number === 0),
  })
  .map((given) => new TriggerComes(given));
