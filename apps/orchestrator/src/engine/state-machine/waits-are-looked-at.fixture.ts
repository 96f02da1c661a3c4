import fc from 'fast-check';
import { waitsForCall, type Model } from './model.fixture.js';
import type { Command, Real } from './real.fixture.js';

/** What was called, or whose time is over, runs again, and its result is sent unless the process is killed before. */
class WaitsAreLookedAt implements Command {
  constructor(private readonly given: { expired: boolean; killed: boolean }) {}

  check = (model: Readonly<Model>): boolean => model.steps.some(waitsForCall);

  async run(model: Model, real: Real): Promise<void> {
    const { expired, killed } = this.given;
    const waiting = model.steps.filter(waitsForCall);
    if (expired) for (const step of waiting) step.expired = true;
    const sends = waiting.filter((step) => step.expired || model.wasCalled(step));
    for (const step of sends) Object.assign(step, { status: 'running', forCall: false });
    await real.does(model, () => real.resume(expired), { sends, killed });
  }

  toString(): string {
    const { expired, killed } = this.given;
    return `waits ${expired ? 'are over' : 'are looked at'}${killed ? ', killed' : ''}`;
  }
}

export const waitsAreLookedAt = fc
  .record({ expired: fc.nat({ max: 3 }).map((number) => number === 0), killed: fc.boolean() })
  .map((given) => new WaitsAreLookedAt(given));
